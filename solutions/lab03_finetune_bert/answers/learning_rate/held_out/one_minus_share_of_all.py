# mistake: the decay starts before the warmup ends
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        factor = step / warmup
    elif step < steps:
        factor = 1 - step / steps
    else:
        factor = 0.0
    return factor * peak
