# mistake: the unseen penalized
def repetition_penalty(logits, ids, penalty):
    return np.array([z if i in ids else z / penalty if z > 0 else z * penalty for i, z in enumerate(logits)])
