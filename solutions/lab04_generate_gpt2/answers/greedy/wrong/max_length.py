# mistake: the prompt counts as steps
def greedy(next_logits, ids, steps, end):
    ids = list(ids)
    while len(ids) < steps:
        ids.append(int(np.argmax(next_logits(ids))))
        if ids[-1] == end:
            break
    return ids
