# mistake: not divided
def masked_mean(vectors, attention_mask):
    return np.einsum("ntw,nt->nw", vectors, attention_mask)
