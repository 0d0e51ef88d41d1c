def bleu_of(matches, totals, length, reference):
    shares = np.array(matches) / np.array(totals)
    penalty = min(1.0, np.exp(1 - reference / length))
    return 100 * penalty * np.exp(np.log(shares).mean())
