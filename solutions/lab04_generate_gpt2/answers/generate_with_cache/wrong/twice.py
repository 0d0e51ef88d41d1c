# mistake: the last prompt id read twice
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for i in text:
        _, cache = step(i, cache)
    for _ in range(steps):
        logits, cache = step(text[-1], cache)
        text.append(int(np.argmax(logits)))
    return text
