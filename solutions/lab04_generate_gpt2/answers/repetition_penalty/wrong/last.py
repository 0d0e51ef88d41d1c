# mistake: only the last token
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    i = ids[-1]
    out[i] = out[i] / penalty if out[i] > 0 else out[i] * penalty
    return out
