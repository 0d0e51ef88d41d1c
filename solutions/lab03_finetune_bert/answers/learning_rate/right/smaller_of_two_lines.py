def learning_rate(step, steps, warmup, peak):
    up = step / warmup if warmup else 1
    down = (steps - step) / (steps - warmup)
    return peak * max(0, min(1, up, down))
