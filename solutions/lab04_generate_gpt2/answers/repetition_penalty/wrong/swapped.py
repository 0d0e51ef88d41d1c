# mistake: the wrong way round
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    seen = np.unique(ids)
    out[seen] = np.where(out[seen] < 0, out[seen] / penalty, out[seen] * penalty)
    return out
