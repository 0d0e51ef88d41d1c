# mistake: padding only at the end
def mean_pool(hidden, mask):
    out = []
    for text, n in zip(hidden, mask.sum(axis=1)):
        total = 0
        for i in range(n):
            total = total + text[i]
        out.append(total / n)
    return np.array(out)
