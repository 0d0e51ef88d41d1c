def greedy(next_logits, ids, steps, end):
    ids = np.array(ids)
    for _ in range(steps):
        ids = np.append(ids, np.argmax(next_logits(ids)))
        if ids[-1] == end:
            break
    return ids
