# mistake: `return` inside the loop
def macro_f1(predictions, labels):
    classes = sorted(set(labels))
    total = 0.0
    for c in classes:
        right = sum(p == y == c for p, y in zip(predictions, labels))
        total += 2 * right / (predictions.count(c) + labels.count(c))
        return total / len(classes)
