# mistake: the last step is 0
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return step / warmup * peak
    if step >= steps:
        return 0.0
    falling = np.linspace(peak, 0, steps - warmup)
    return float(falling[step - warmup])
