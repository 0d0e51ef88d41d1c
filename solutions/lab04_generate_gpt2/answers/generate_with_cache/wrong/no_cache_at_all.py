# mistake: everything read again
def generate_with_cache(step, ids, steps):
    text = list(ids)
    for _ in range(steps):
        cache = None
        for i in text:
            logits, cache = step(i, cache)
        text.append(int(np.argmax(logits)))
    return text
