# mistake: once per occurrence
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    for i in ids:
        if out[i] > 0:
            out[i] /= penalty
        else:
            out[i] *= penalty
    return out
