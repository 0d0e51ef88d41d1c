# mistake: only the last token shown
def greedy(next_logits, ids, steps, end):
    ids = list(ids)
    for _ in range(steps):
        ids.append(int(np.argmax(next_logits([ids[-1]]))))
        if ids[-1] == end:
            break
    return ids
