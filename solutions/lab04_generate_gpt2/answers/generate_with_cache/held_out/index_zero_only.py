# mistake: the cache not replaced
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for token in ids:
        logits, cache = step(token, cache)
    for n in range(steps):
        if n > 0:
            logits = step(text[-1], cache)[0]
        text.append(int(np.argmax(logits)))
    return text
