# mistake: positive logits multiplied
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    out[list(set(ids))] *= penalty
    return out
