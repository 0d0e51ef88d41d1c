# mistake: no warmup
def factor(step, warmup, steps):
    return (steps - step) / (steps - warmup)
