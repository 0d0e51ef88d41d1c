# mistake: once per occurrence
def repetition_penalty(logits, ids, penalty):
    out = logits.copy()
    for i in range(len(logits)):
        factor = penalty ** ids.count(i)
        out[i] = out[i] / factor if out[i] > 0 else out[i] * factor
    return out
