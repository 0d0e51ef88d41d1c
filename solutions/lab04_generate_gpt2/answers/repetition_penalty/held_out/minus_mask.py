# mistake: subtracted
def repetition_penalty(logits, ids, penalty):
    seen = np.array([float(i in ids) for i in range(len(logits))])
    return logits - penalty * seen
