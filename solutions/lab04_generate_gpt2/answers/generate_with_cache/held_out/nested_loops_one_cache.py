# mistake: everything read again on top of the cache
def generate_with_cache(step, ids, steps):
    cache, new = None, []
    while len(new) < steps:
        for token in list(ids) + new:
            logits, cache = step(token, cache)
        new.append(int(np.argmax(logits)))
    return list(ids) + new
