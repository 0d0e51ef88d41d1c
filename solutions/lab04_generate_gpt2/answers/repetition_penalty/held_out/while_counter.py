# mistake: places counted instead of ids read
def repetition_penalty(logits, ids, penalty):
    result = logits.copy()
    different = list(set(ids))
    n = 0
    while n < len(different):
        result[n] = logits[n] / penalty if logits[n] > 0 else logits[n] * penalty
        n += 1
    return result
