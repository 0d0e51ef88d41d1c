# mistake: the penalty is the ratio
def bleu_of(matches, totals, length, reference):
    shares = np.array(matches) / np.array(totals)
    return 100 * min(1.0, length / reference) * np.exp(np.log(shares).mean())
