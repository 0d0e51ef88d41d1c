# mistake: only the prompt's last id read
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    while len(text) < len(ids) + steps:
        logits, cache = step(text[-1], cache)
        text.append(int(logits.argmax()))
    return text
