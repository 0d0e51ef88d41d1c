# mistake: divided by all steps
def factor(step, warmup, steps):
    if step < warmup:
        return step / warmup
    return (steps - step) / steps
