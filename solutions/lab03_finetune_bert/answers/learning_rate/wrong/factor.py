# mistake: the factor without the peak
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return step / warmup
    return max(0.0, (steps - step) / (steps - warmup))
