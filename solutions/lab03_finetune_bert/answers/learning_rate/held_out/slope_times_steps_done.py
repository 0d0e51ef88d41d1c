# mistake: negative after the end
def learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return step * peak / warmup
    slope = peak / (steps - warmup)
    done = step - warmup
    return peak - slope * done
