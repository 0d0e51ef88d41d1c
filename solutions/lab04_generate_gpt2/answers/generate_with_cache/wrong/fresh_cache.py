# mistake: the cache emptied after the prompt
def generate_with_cache(step, ids, steps):
    text, cache = list(ids), None
    for i in ids:
        logits, cache = step(i, cache)
    cache = None
    while True:
        text.append(int(np.argmax(logits)))
        if len(text) == len(ids) + steps:
            return text
        logits, cache = step(text[-1], cache)
