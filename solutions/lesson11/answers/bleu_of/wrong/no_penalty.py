# mistake: no penalty
def bleu_of(matches, totals, length, reference):
    shares = np.array(matches) / np.array(totals)
    return 100 * np.exp(np.log(shares).mean())
