# mistake: counted without [CLS]
def best_span(start, end, longest):
    scores = start[1:, None] + end[None, 1:]
    n = len(scores)
    allowed = np.triu(np.ones((n, n), dtype=bool)) & ~np.triu(np.ones((n, n), dtype=bool), k=longest)
    scores = np.where(allowed, scores, -np.inf)
    i, j = np.unravel_index(np.argmax(scores), scores.shape)
    return (int(i), int(j)) if scores.max() > start[0] + end[0] else None
