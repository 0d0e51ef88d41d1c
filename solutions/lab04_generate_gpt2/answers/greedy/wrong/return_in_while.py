# mistake: `return` inside the loop
def greedy(next_logits, ids, steps, end):
    new = []
    while len(new) < steps and (not new or new[-1] != end):
        logits = np.asarray(next_logits(list(ids) + new))
        new.append(int(logits.argmax()))
        return list(ids) + new
    return list(ids)
