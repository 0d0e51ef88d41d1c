# mistake: no decay
def learning_rate(step, steps, warmup, peak):
    if warmup and step < warmup:
        return peak * step / warmup
    return peak
