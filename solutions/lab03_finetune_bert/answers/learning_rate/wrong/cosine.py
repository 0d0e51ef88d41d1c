# mistake: a cosine
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return peak * step / warmup
    done = min(1.0, (step - warmup) / (steps - warmup))
    return peak * (1 + math.cos(math.pi * done)) / 2
