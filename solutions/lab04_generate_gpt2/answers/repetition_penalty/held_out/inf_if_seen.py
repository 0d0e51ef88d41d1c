# mistake: cut altogether
def repetition_penalty(logits, ids, penalty):
    seen = set(ids)
    return np.array([-np.inf if i in seen else z for i, z in enumerate(logits)])
