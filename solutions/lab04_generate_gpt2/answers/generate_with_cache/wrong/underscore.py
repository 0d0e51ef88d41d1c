# mistake: the cache not replaced
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for i in ids:
        logits, cache = step(i, cache)
    for n in range(steps):
        text.append(int(np.argmax(logits)))
        if n + 1 < steps:
            logits, _ = step(text[-1], cache)
    return text
