# mistake: negative logits divided
def repetition_penalty(logits, ids, penalty):
    result = np.array(logits, dtype=float)
    result[ids] = result[ids] / penalty
    return result
