# mistake: the new ids not read
def generate_with_cache(step, ids, steps):
    cache = None
    for i in ids:
        logits, cache = step(i, cache)
    return list(ids) + [int(np.argmax(logits)) for _ in range(steps)]
