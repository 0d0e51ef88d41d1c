# mistake: the mean over classes
from collections import defaultdict


def accuracy(predictions, labels):
    hits = defaultdict(list)
    for guess, truth in zip(predictions, labels):
        hits[truth].append(guess == truth)
    rates = [sum(h) / len(h) for h in hits.values()]
    return sum(rates) / len(rates)
