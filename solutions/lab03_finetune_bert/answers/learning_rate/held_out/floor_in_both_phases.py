# mistake: whole numbers divided
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        share = step // warmup
    else:
        share = max(0, steps - step) // (steps - warmup)
    return peak * share
