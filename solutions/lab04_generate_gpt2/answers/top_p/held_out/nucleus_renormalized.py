# mistake: probabilities returned
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    nucleus = np.zeros(len(probs))
    for i in sorted(range(len(probs)), key=lambda i: probs[i], reverse=True):
        nucleus[i] = probs[i]
        if nucleus.sum() >= p:
            break
    return nucleus / nucleus.sum()
