# mistake: only the new ids
def generate_with_cache(step, ids, steps):
    cache, new = None, []
    for i in ids:
        logits, cache = step(i, cache)
    new.append(int(np.argmax(logits)))
    while len(new) < steps:
        logits, cache = step(new[-1], cache)
        new.append(int(np.argmax(logits)))
    return new
