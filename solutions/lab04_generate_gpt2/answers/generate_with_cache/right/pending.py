def generate_with_cache(step, ids, steps):
    cache, pending, out = None, list(ids), []
    for _ in range(steps):
        for i in pending:
            logits, cache = step(i, cache)
        out += pending
        pending = [int(logits.argmax())]
    return np.array(out + pending)
