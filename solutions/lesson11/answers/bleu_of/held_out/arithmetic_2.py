# mistake: the arithmetic mean
def bleu_of(matches, totals, length, reference):
    penalty = 1.0 if length >= reference else math.exp(1 - reference / length)
    return 100 * penalty * sum(m / t for m, t in zip(matches, totals)) / len(matches)
