# mistake: the new ids not read
def generate_with_cache(step, ids, steps):
    cache = None
    for token in ids:
        logits, cache = step(token, cache)
    best = int(np.argmax(logits))
    return list(ids) + [best] * steps
