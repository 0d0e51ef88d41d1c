# mistake: a call for nothing at the end
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for i in ids:
        logits, cache = step(i, cache)
    for _ in range(steps):
        new = int(np.argmax(logits))
        text.append(new)
        logits, cache = step(new, cache)
    return text
