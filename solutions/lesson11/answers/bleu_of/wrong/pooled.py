# mistake: one share of all n-grams
def bleu_of(matches, totals, length, reference):
    return 100 * min(1.0, np.exp(1 - reference / length)) * sum(matches) / sum(totals)
