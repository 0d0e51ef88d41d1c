# mistake: the words returned
def train_bpe(words, merges):
    done = 0
    while done < merges:
        counts = pair_counts(words)
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        words = {merge(w, best): n for w, n in words.items()}
        done += 1
    return list(words)
