# mistake: division by zero
def macro_f1(predictions, labels):
    classes = sorted(set(labels))
    total = 0
    for c in classes:
        called = [y for p, y in zip(predictions, labels) if p == c]
        labeled = [p for p, y in zip(predictions, labels) if y == c]
        precision = called.count(c) / len(called)
        recall = labeled.count(c) / len(labeled)
        if precision + recall > 0:
            total += 2 * precision * recall / (precision + recall)
    return total / len(classes)
