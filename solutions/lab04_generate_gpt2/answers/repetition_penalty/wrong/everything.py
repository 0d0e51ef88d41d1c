# mistake: everything penalized
def repetition_penalty(logits, ids, penalty):
    return np.where(logits < 0, logits * penalty, logits / penalty)
