# mistake: probabilities penalized
def repetition_penalty(logits, ids, penalty):
    e = np.exp(logits - logits.max())
    p = e / e.sum()
    p[list(set(ids))] /= penalty
    return p
