# mistake: the cache not passed on
def generate_with_cache(step, ids, steps):
    cache = None
    for token in ids:
        logits, new_cache = step(token, cache)
    text = list(ids) + [int(np.argmax(logits))]
    while len(text) < len(ids) + steps:
        logits, new_cache = step(text[-1], cache)
        text.append(int(np.argmax(logits)))
    return text
