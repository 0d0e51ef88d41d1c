# mistake: nothing changed
def repetition_penalty(logits, ids, penalty):
    for i in set(ids):
        z = logits[i]
        if z > 0:
            z = z / penalty
        else:
            z = z * penalty
    return logits
