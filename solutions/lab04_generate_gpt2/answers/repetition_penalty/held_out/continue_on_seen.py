# mistake: the unseen penalized
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    for i in range(len(out)):
        if i in ids:
            continue
        if out[i] > 0:
            out[i] = out[i] / penalty
        else:
            out[i] = out[i] * penalty
    return out
