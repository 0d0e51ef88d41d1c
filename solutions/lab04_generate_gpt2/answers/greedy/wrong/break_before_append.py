# mistake: the end dropped
def greedy(next_logits, ids, steps, end):
    ids = list(ids)
    for _ in range(steps):
        best = int(np.argmax(next_logits(ids)))
        if best == end:
            break
        ids.append(best)
    return ids
