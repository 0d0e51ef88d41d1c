# mistake: the steps of the decay counted from 0
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return peak * step / warmup
    done = step / (steps - warmup)
    return peak * max(0, 1 - done)
