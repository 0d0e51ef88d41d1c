# mistake: classes without a prediction left out
def macro_f1(predictions, labels):
    classes = set(labels) & set(predictions)
    if not classes:
        return 0.0
    total = 0.0
    for c in classes:
        right = sum(1 for p, y in zip(predictions, labels) if p == c and y == c)
        precision, recall = right / predictions.count(c), right / labels.count(c)
        if right > 0:
            total += 2 * precision * recall / (precision + recall)
    return total / len(classes)
