# mistake: only the new ids
def generate_with_cache(step, ids, steps):
    cache, chosen = None, []
    for token in ids:
        logits, cache = step(token, cache)
    while True:
        chosen.append(int(np.argmax(logits)))
        if len(chosen) == steps:
            return chosen
        logits, cache = step(chosen[-1], cache)
