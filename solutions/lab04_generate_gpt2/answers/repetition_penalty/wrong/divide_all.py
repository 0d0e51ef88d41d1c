# mistake: negative logits divided
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    for i in set(ids):
        out[i] /= penalty
    return out
