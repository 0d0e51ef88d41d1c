# mistake: only the prompt shown
def greedy(next_logits, ids, steps, end):
    logits = next_logits(ids)
    out = list(ids)
    for _ in range(steps):
        out.append(int(np.argmax(logits)))
        if out[-1] == end:
            break
    return out
