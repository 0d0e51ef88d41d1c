# mistake: `return` inside the loop
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    for i in set(ids):
        out[i] = out[i] / penalty if out[i] > 0 else out[i] * penalty
        return out
