# mistake: only the last token
def repetition_penalty(logits, ids, penalty):
    *_, token = ids
    result = list(logits)
    z = result[token]
    result[token] = z / penalty if z > 0 else z * penalty
    return np.array(result)
