def repetition_penalty(logits, ids, penalty):
    seen = logits[ids]
    logits[ids] = np.where(seen > 0, seen / penalty, seen * penalty)
    return logits
