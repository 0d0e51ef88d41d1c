# mistake: whole numbers divided
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return peak * (step // warmup)
    return peak * max(0, steps - step) / (steps - warmup)
