def top_k(logits, k):
    threshold = sorted(logits, reverse=True)[:k][-1]
    out = []
    for z in logits:
        out.append(z if z >= threshold else -math.inf)
    return out
