# mistake: `return` inside the loop
def repetition_penalty(logits, ids, penalty):
    out, seen = list(logits), []
    for i in ids:
        if i not in seen:
            seen.append(i)
            out[i] = out[i] / penalty if out[i] > 0 else out[i] * penalty
        return out
