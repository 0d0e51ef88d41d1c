# mistake: padding only at the end
def mean_pool(hidden, mask):
    out = []
    for h, m in zip(hidden, mask):
        kept = []
        for vector, one in zip(h, m):
            if not one:
                break
            kept.append(vector)
        out.append(np.mean(kept, axis=0))
    return np.array(out)
