# mistake: the mean precision
def macro_f1(predictions, labels):
    total = 0.0
    classes = set(labels)
    for c in classes:
        truths = [y for p, y in zip(predictions, labels) if p == c]
        if truths:
            total += truths.count(c) / len(truths)
    return total / len(classes)
