def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    out, cut = list(logits), 0.0
    for i in sorted(range(len(probs)), key=lambda i: probs[i]):
        if 1 - cut - probs[i] < p:
            break
        cut += probs[i]
        out[i] = -math.inf
    return out
