def top_k(logits, k):
    logits = logits.astype(np.float32)
    if k < len(logits):
        logits[logits < np.partition(logits, -k)[-k]] = -np.inf
    return logits
