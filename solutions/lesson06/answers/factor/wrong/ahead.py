# mistake: one step ahead
def factor(step, warmup, steps):
    if step < warmup:
        return (step + 1) / warmup
    return (steps - step) / (steps - warmup)
