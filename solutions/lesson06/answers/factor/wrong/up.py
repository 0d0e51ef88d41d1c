# mistake: up instead of down
def factor(step, warmup, steps):
    if step < warmup:
        return step / warmup
    return (step - warmup) / (steps - warmup)
