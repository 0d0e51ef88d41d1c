# mistake: one step too few
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for i in ids:
        logits, cache = step(i, cache)
    for n in range(steps - 1):
        text.append(int(np.argmax(logits)))
        if n < steps - 2:
            logits, cache = step(text[-1], cache)
    return text
