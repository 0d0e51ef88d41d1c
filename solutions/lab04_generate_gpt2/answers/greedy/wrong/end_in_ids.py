# mistake: an end in the prompt stops it
def greedy(next_logits, ids, steps, end):
    ids = list(ids)
    for _ in range(steps):
        if end in ids:
            break
        ids.append(int(next_logits(ids).argmax()))
    return ids
