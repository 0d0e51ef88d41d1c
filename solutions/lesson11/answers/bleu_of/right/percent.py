def bleu_of(matches, totals, length, reference):
    logs = [math.log(100 * match / total) for match, total in zip(matches, totals)]
    if length < reference:
        logs.append(0)
        return math.exp(sum(logs) / 4 + 1 - reference / length)
    return math.exp(sum(logs) / 4)
