# mistake: taking turns
import itertools


def predict(sentences):
    turns = itertools.cycle([1, 0])
    return [label for _, label in zip(sentences, turns)]
