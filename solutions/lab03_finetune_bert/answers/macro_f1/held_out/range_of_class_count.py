# mistake: classes counted, not looked up
def macro_f1(predictions, labels):
    n = len(set(labels))
    scores = [0.0] * n
    for c in range(n):
        right = sum(p == c and y == c for p, y in zip(predictions, labels))
        if right:
            precision = right / predictions.count(c)
            recall = right / labels.count(c)
            scores[c] = 2 * precision * recall / (precision + recall)
    return sum(scores) / n
