# mistake: only the new tokens
def greedy(next_logits, ids, steps, end):
    new = []
    while len(new) < steps:
        row = next_logits(list(ids) + new)
        new.append(int(np.argmax(row)))
        if new[-1] == end:
            break
    return new
