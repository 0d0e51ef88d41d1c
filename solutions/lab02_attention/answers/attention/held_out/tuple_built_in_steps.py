# mistake: returned in the other order
def attention(query, key, value):
    results = []
    scores = query @ key.swapaxes(-2, -1) / query.shape[-1] ** 0.5
    results.append(softmax(scores))
    results.append(results[0] @ value)
    return tuple(results)
