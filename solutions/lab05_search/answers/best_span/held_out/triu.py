# mistake: the length ignored
def best_span(start, end, longest):
    scores = start[1:, None] + end[None, 1:]
    scores = np.where(np.triu(np.ones(scores.shape)) == 1, scores, -np.inf)
    i, j = divmod(int(scores.argmax()), scores.shape[1])
    return (i + 1, j + 1) if scores[i, j] > start[0] + end[0] else None
