def softmax(scores):
    rows = scores.reshape(-1, scores.shape[-1])
    result = []
    for row in rows:
        e = [math.exp(s - max(row)) for s in row]
        result.append([x / sum(e) for x in e])
    return np.array(result).reshape(scores.shape)
