# mistake: the order of words lost
from collections import Counter


def without_copies(train, test):
    bags = [Counter(t.lower().split()) for t in test]
    return [t for t in train if Counter(t.lower().split()) not in bags]
