# mistake: tied logits counted once
def top_k(logits, k):
    levels = sorted(set(logits.tolist()), reverse=True)
    lowest_kept = levels[:k][-1]
    kept = logits.copy()
    kept[kept < lowest_kept] = -np.inf
    return kept
