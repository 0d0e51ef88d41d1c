# mistake: an end with the id 0
def greedy(next_logits, ids, steps, end):
    out = [*ids]
    for _ in range(steps):
        best = int(np.argmax(next_logits(out)))
        out += [best]
        if end > 0 and best == end:
            return out
    return out
