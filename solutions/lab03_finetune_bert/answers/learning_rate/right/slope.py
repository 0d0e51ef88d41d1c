def learning_rate(step, steps, warmup, peak):
    if step >= steps:
        return 0.0
    if step >= warmup:
        return peak - peak / (steps - warmup) * (step - warmup)
    return peak / warmup * step
