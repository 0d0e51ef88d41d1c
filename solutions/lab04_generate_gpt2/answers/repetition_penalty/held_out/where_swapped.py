# mistake: the wrong way round
def repetition_penalty(logits, ids, penalty):
    seen = np.isin(np.arange(len(logits)), ids)
    changed = np.where(logits < 0, logits / penalty, logits * penalty)
    return np.where(seen, changed, logits)
