# mistake: the most frequent first
from collections import Counter


def label_ids(names):
    order = [name for name, _ in Counter(names).most_common()]
    return [order.index(name) for name in names]
