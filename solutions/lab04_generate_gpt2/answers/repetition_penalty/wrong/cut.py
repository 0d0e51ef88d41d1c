# mistake: cut altogether
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    out[ids] = -np.inf
    return out
