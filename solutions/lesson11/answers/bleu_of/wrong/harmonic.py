# mistake: the harmonic mean
def bleu_of(matches, totals, length, reference):
    shares = np.array(matches) / np.array(totals)
    return 100 * min(1.0, np.exp(1 - reference / length)) * len(shares) / (1 / shares).sum()
