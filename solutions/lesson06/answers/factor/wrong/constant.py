# mistake: constant after warmup
def factor(step, warmup, steps):
    if step < warmup:
        return step / warmup
    return 1.0
