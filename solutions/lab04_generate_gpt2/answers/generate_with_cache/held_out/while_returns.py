# mistake: `return` inside the loop
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for token in ids:
        logits, cache = step(token, cache)
    left = steps
    while left:
        text.append(int(np.argmax(logits)))
        left -= 1
        if left:
            logits, cache = step(text[-1], cache)
        return text
