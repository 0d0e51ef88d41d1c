# mistake: only the prompt's last id read
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for _ in range(steps):
        logits, cache = step(text[-1], cache)
        text.append(int(np.argmax(logits)))
    return text
