# mistake: no penalty
def bleu_of(matches, totals, length, reference):
    return 100 * math.prod(m / t for m, t in zip(matches, totals)) ** 0.25
