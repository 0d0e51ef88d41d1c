# mistake: an end with the id 0
def greedy(next_logits, ids, steps, end):
    ids = list(ids)
    for _ in range(steps):
        ids.append(int(np.argmax(next_logits(ids))))
        if end and ids[-1] == end:
            break
    return ids
