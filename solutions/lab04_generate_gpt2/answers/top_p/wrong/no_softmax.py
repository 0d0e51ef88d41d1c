# mistake: a running sum of logits
def top_p(logits, p):
    order = np.argsort(-logits, kind='stable')
    before = np.cumsum(logits[order]) - logits[order]
    out = np.full(len(logits), -np.inf)
    out[order[before < p]] = logits[order[before < p]]
    return out
