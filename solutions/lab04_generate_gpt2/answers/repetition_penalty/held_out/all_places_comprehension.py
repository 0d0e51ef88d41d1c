# mistake: everything penalized
def repetition_penalty(logits, ids, penalty):
    def penalize(z):
        return z / penalty if z > 0 else z * penalty

    return np.array([penalize(z) for z in logits])
