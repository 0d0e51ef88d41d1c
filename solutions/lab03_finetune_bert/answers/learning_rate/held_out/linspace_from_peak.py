# mistake: no warmup
def learning_rate(step, steps, warmup, peak):
    rates = np.linspace(peak, 0, steps + 1)
    return float(rates[min(step, steps)])
