def repetition_penalty(logits, ids, penalty):
    mask = np.isin(np.arange(len(logits)), ids)
    lower = np.minimum(logits / penalty, logits * penalty)
    return np.where(mask, lower, logits)
