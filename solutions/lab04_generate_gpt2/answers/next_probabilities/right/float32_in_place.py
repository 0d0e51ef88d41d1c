def next_probabilities(logits, temperature):
    z = (logits - logits.max()).astype(np.float32)
    z /= np.float32(temperature)
    np.exp(z, out=z)
    return z / z.sum()
