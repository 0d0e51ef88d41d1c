# mistake: goes on after the end
def greedy(next_logits, ids, steps, end):
    for _ in range(steps):
        ids = ids + [int(np.argmax(next_logits(ids)))]
    return ids
