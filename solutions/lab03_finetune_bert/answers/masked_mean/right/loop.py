def masked_mean(vectors, attention_mask):
    return np.stack([v[m == 1].mean(axis=0) for v, m in zip(vectors, attention_mask)])
