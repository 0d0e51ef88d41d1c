def bleu_of(matches, totals, length, reference):
    product = math.prod(match / total for match, total in zip(matches, totals))
    penalty = 1.0 if length >= reference else math.exp(1 - reference / length)
    return 100 * penalty * product ** (1 / len(matches))
