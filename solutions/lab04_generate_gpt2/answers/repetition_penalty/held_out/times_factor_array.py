# mistake: positive logits multiplied
def repetition_penalty(logits, ids, penalty):
    factor = np.ones(len(logits))
    factor[ids] = penalty
    return logits * factor
