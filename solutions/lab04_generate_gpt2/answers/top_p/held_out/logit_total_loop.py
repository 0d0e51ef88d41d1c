# mistake: a running sum of logits
def top_p(logits, p):
    kept = np.full(len(logits), -np.inf)
    total = 0.0
    for i in np.argsort(-logits):
        kept[i] = logits[i]
        total += logits[i]
        if total >= p:
            break
    return kept
