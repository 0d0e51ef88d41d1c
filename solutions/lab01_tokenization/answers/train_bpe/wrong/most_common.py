# mistake: ties: the pair seen first
from collections import Counter

def train_bpe(words, merges):
    result = []
    while len(result) < merges:
        pairs = Counter(pair_counts(words)).most_common(1)
        if not pairs:
            return result
        pair, _ = pairs[0]
        result.append(pair)
        words = {tuple(merge(w, pair)): c for w, c in words.items()}
    return result
