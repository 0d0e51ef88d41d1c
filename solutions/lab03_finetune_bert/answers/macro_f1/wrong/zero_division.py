# mistake: division by zero
def macro_f1(predictions, labels):
    scores = []
    for c in set(labels):
        tp = sum(1 for p, y in zip(predictions, labels) if p == c and y == c)
        precision = tp / predictions.count(c)
        recall = tp / labels.count(c)
        scores.append(2 * precision * recall / (precision + recall))
    return sum(scores) / len(scores)
