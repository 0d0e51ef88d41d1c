# mistake: ties: joined texts compared
def train_bpe(words, merges):
    learned = []
    while len(learned) < merges:
        counts = pair_counts(words)
        order = sorted(counts, key="".join)
        order.sort(key=counts.get, reverse=True)
        if not order:
            break
        learned.append(order[0])
        words = {merge(word, order[0]): n for word, n in words.items()}
    return learned
