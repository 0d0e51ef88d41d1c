# mistake: a cosine
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return peak * step / warmup
    if step >= steps:
        return 0.0
    done = (step - warmup) / (steps - warmup)
    return peak * math.cos(math.pi / 2 * done) ** 2
