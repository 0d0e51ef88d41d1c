# mistake: classes counted, not looked up
def macro_f1(predictions, labels):
    scores = []
    for c in (0, 1):
        hit = sum(p == y == c for p, y in zip(predictions, labels))
        both = predictions.count(c) + labels.count(c)
        scores.append(2 * hit / both if both else 0.0)
    return sum(scores) / len(scores)
