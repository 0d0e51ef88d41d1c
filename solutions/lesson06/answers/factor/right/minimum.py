def factor(step, warmup, steps):
    return min(step / warmup, (steps - step) / (steps - warmup))
