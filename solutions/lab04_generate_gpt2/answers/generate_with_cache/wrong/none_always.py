# mistake: the cache not passed on
def generate_with_cache(step, ids, steps):
    ids = list(ids)
    for i in ids:
        logits, cache = step(i, None)
    for n in range(steps):
        ids.append(int(logits.argmax()))
        if n < steps - 1:
            logits, cache = step(ids[-1], None)
    return ids
