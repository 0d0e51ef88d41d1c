# mistake: no warmup
def learning_rate(step, steps, warmup, peak):
    return max(0, peak * (1 - step / steps))
