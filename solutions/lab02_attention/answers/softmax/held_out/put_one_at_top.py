# mistake: all or nothing
def softmax(scores):
    shares = np.zeros(scores.shape)
    best = np.argmax(scores, axis=-1)
    np.put_along_axis(shares, best[..., None], 1.0, axis=-1)
    return shares
