# mistake: the token that reaches p cut
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    order = np.argsort(-probs, kind='stable')
    total = np.cumsum(probs[order])
    out = np.full(len(logits), -np.inf)
    mass = 0
    for i in order:
        if mass + probs[i] > p:
            break
        mass += probs[i]
        out[i] = logits[i]
    return out
