def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for i in text[:-1]:
        _, cache = step(i, cache)
    for _ in range(steps):
        logits, cache = step(text[-1], cache)
        text.append(max(range(len(logits)), key=lambda i: logits[i]))
    return text
