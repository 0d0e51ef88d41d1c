def train_bpe(words, merges):
    spelled = [[list(word), n] for word, n in words.items()]
    learned = []
    while len(learned) < merges:
        counts = {}
        for word, n in spelled:
            for left, right in zip(word, word[1:]):
                counts[left, right] = counts.get((left, right), 0) + n
        if not counts:
            return learned
        most = max(counts.values())
        left, right = sorted(pair for pair, count in counts.items() if count == most)[0]
        learned.append((left, right))
        for word, _ in spelled:
            i = 0
            while i + 1 < len(word):
                if word[i] == left and word[i + 1] == right:
                    word[i : i + 2] = [left + right]
                i += 1
    return learned
