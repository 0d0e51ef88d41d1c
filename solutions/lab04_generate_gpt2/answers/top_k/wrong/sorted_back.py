# mistake: sorted
def top_k(logits, k):
    z = np.sort(logits)[::-1].copy()
    k = min(k, len(z))
    z[z < z[k - 1]] = -np.inf
    return z
