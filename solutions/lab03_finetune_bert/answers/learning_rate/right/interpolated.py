def learning_rate(step, steps, warmup, peak):
    if warmup == 0:
        return np.interp(step, [0, steps], [peak, 0])
    return np.interp(step, [0, warmup, steps], [0, peak, 0])
