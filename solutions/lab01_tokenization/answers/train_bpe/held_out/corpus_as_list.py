# mistake: the counts of the words left out
from collections import Counter


def train_bpe(words, merges):
    corpus = list(words)
    learned = []
    for _ in range(merges):
        counts = Counter(pair for w in corpus for pair in zip(w, w[1:]))
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        learned.append(best)
        corpus = [merge(w, best) for w in corpus]
    return learned
