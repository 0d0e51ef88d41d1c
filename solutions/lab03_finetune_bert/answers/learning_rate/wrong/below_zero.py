# mistake: negative after the end
def learning_rate(step, steps, warmup, peak):
    rate = step / warmup if step < warmup else (steps - step) / (steps - warmup)
    return rate * peak
