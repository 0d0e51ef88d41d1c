# mistake: the first step is not 0
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * max(0.0, (steps - step) / (steps - warmup))
