# mistake: padding in the mean
def mean_pool(hidden, mask):
    out = np.zeros((hidden.shape[0], hidden.shape[2]))
    for t in range(hidden.shape[0]):
        for k in range(hidden.shape[1]):
            out[t] += hidden[t, k]
    return out / hidden.shape[1]
