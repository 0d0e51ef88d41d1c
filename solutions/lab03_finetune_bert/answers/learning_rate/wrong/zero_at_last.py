# mistake: the last step is 0
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return step / warmup * peak
    last = steps - 1
    return max(0, peak * (last - step) / (last - warmup))
