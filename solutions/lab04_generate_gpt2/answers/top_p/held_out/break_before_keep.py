# mistake: the token that reaches p cut
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    kept = np.full(len(logits), -np.inf)
    total = 0.0
    for i in sorted(range(len(logits)), key=lambda i: -probs[i]):
        total += probs[i]
        if total >= p:
            break
        kept[i] = logits[i]
    return kept
