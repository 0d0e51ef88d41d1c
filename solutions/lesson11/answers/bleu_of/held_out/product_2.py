# mistake: the root is missing
def bleu_of(matches, totals, length, reference):
    logs = sum(math.log(m / t) for m, t in zip(matches, totals))
    return 100 * min(1.0, math.exp(1 - reference / length)) * math.exp(logs)
