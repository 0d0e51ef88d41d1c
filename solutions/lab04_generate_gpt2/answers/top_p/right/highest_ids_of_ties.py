def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    out, mass = np.full(len(logits), -np.inf), 0.0
    for i in np.argsort(probs, kind='stable')[::-1]:
        out[i] = logits[i]
        mass += probs[i]
        if mass >= p:
            break
    return out
