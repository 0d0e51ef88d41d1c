# mistake: nothing changed
def repetition_penalty(logits, ids, penalty):
    result = logits.copy()
    seen = result[list(set(ids))]
    positive = seen > 0
    seen[positive] /= penalty
    seen[~positive] *= penalty
    return result
