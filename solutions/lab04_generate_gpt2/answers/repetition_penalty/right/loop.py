def repetition_penalty(logits, ids, penalty):
    out = []
    for i, z in enumerate(logits.tolist()):
        if i in ids:
            z = z / penalty if z >= 0 else z * penalty
        out.append(z)
    return out
