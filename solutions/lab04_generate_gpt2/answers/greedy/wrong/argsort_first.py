# mistake: the least likely token
def greedy(next_logits, ids, steps, end):
    ids = list(ids)
    for _ in range(steps):
        ids.append(int(np.argsort(next_logits(ids), kind='stable')[0]))
        if ids[-1] == end:
            break
    return ids
