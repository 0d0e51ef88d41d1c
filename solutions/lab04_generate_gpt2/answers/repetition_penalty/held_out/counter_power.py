# mistake: once per occurrence
from collections import Counter


def repetition_penalty(logits, ids, penalty):
    result = logits.copy()
    for token, times in Counter(ids).items():
        factor = penalty ** times
        if result[token] > 0:
            result[token] /= factor
        else:
            result[token] *= factor
    return result
