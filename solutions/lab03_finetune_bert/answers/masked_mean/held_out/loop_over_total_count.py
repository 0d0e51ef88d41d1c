# mistake: divided by the tokens of the whole batch
def masked_mean(vectors, attention_mask):
    count = np.count_nonzero(attention_mask)
    return np.stack([v[m == 1].sum(axis=0) / count for v, m in zip(vectors, attention_mask)])
