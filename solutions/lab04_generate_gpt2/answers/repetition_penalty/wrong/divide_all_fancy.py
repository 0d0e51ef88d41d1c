# mistake: negative logits divided
def repetition_penalty(logits, ids, penalty):
    out = np.array(logits)
    out[ids] = out[ids] / penalty
    return out
