# mistake: no decay
def learning_rate(step, steps, warmup, peak):
    if not warmup:
        return peak
    return peak * min(step, warmup) / warmup
