# mistake: everything read again
def last_logits(step, text):
    cache = None
    for token in text:
        logits, cache = step(token, cache)
    return logits


def generate_with_cache(step, ids, steps):
    text = list(ids)
    for _ in range(steps):
        text.append(int(np.argmax(last_logits(step, text))))
    return text
