# mistake: places counted instead of ids read
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    for i, _ in enumerate(ids[: len(out)]):
        if out[i] > 0:
            out[i] = out[i] / penalty
        else:
            out[i] = out[i] * penalty
    return out
