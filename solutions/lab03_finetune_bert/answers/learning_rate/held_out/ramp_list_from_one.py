# mistake: the first step is not 0
def learning_rate(step, steps, warmup, peak):
    ramp = [peak * k / warmup for k in range(1, warmup + 1)]
    if step < warmup:
        return ramp[step]
    if step >= steps:
        return 0.0
    return peak * (steps - step) / (steps - warmup)
