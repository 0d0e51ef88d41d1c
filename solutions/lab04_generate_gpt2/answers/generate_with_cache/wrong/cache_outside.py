# mistake: everything read again on top of the cache
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for _ in range(steps):
        for i in text:
            logits, cache = step(i, cache)
        text.append(int(np.argmax(logits)))
    return text
