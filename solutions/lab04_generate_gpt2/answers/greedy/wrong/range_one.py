# mistake: one step too few
def greedy(next_logits, ids, steps, end):
    ids = list(ids)
    for _ in range(1, steps):
        ids.append(int(np.argmax(next_logits(ids))))
        if ids[-1] == end:
            break
    return ids
