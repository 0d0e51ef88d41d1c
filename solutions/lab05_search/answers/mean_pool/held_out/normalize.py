# mistake: length 1
def mean_pool(hidden, mask):
    pooled = []
    for h, m in zip(hidden, mask):
        mean = h[m == 1].mean(axis=0)
        pooled.append(mean / np.sqrt((mean ** 2).sum()))
    return np.array(pooled)
