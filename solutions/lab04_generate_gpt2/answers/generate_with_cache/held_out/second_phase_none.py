# mistake: the cache emptied after the prompt
def read(step, tokens):
    cache = None
    for token in tokens:
        logits, cache = step(token, cache)
    return int(np.argmax(logits))


def generate_with_cache(step, ids, steps):
    new, cache = [read(step, ids)], None
    while len(new) < steps:
        logits, cache = step(new[-1], cache)
        new.append(int(np.argmax(logits)))
    return list(ids) + new
