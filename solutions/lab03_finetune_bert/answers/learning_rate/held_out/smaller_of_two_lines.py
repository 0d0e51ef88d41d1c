# mistake: no warmup of 0
def learning_rate(step, steps, warmup, peak):
    up = step / warmup
    down = (steps - step) / (steps - warmup)
    return peak * max(0.0, min(up, down))
