# mistake: one step too few
def generate_with_cache(step, ids, steps):
    ids, cache = list(ids), None
    for token in ids:
        logits, cache = step(token, cache)
    for _ in range(steps - 1):
        token = int(np.argmax(logits))
        ids.append(token)
        logits, cache = step(token, cache)
    return ids
