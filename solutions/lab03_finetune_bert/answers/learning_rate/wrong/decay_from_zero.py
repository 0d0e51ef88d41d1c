# mistake: the decay starts before the warmup ends
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return step / warmup * peak
    left = max(steps - step, 0)
    return left / steps * peak
