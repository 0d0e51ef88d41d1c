def generate_with_cache(step, ids, steps):
    text, cache, read = list(ids), None, 0
    while len(text) < len(ids) + steps:
        while read < len(text):
            logits, cache = step(text[read], cache)
            read += 1
        text.append(int(np.argmax(logits)))
    return text
