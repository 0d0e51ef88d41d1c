# mistake: probabilities penalized
def repetition_penalty(logits, ids, penalty):
    e = np.exp(logits - logits.max())
    probs = e / e.sum()
    factor = np.ones_like(probs)
    factor[ids] = penalty
    return probs / factor
