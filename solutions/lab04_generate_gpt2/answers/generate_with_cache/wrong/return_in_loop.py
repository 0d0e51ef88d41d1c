# mistake: `return` inside the loop
def generate_with_cache(step, ids, steps):
    ids, cache = list(ids), None
    for token in ids:
        logits, cache = step(token, cache)
    for left in reversed(range(steps)):
        ids.append(int(np.argmax(logits)))
        if left:
            logits, cache = step(ids[-1], cache)
        return ids
