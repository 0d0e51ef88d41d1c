# mistake: the mask used as indices
def masked_mean(vectors, attention_mask):
    pooled = []
    for i in range(len(vectors)):
        picked = np.take(vectors[i], attention_mask[i], axis=0)
        pooled.append(picked.mean(axis=0))
    return np.stack(pooled)
