# mistake: from 0 to 1
def bleu_of(matches, totals, length, reference):
    penalty = 1.0 if length >= reference else math.exp(1 - reference / length)
    return penalty * math.prod(m / t for m, t in zip(matches, totals)) ** (1 / 4)
