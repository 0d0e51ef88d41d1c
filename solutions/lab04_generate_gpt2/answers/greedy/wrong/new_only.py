# mistake: only the new tokens
def greedy(next_logits, ids, steps, end):
    new = []
    for _ in range(steps):
        new.append(int(np.argmax(next_logits(ids + new))))
        if new[-1] == end:
            break
    return new
