# mistake: the last prompt id read twice
def generate_with_cache(step, ids, steps):
    cache = None
    for token in ids:
        _, cache = step(token, cache)
    current, new = ids[-1], []
    for _ in range(steps):
        logits, cache = step(current, cache)
        current = int(np.argmax(logits))
        new.append(current)
    return list(ids) + new
