# mistake: the factor without the peak
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return float(np.interp(step, [0, warmup], [0, 1]))
    return float(np.interp(step, [warmup, steps], [1, 0]))
