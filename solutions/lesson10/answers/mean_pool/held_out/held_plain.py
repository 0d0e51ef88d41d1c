# mistake: padding is averaged in
def mean_pool(hidden, mask):
    total = np.zeros((hidden.shape[0], hidden.shape[2]))
    for token in range(hidden.shape[1]):
        total += hidden[:, token]
    return total / hidden.shape[1]
