# mistake: not divided
def masked_mean(vectors, attention_mask):
    return np.einsum('btd,bt->bd', vectors, attention_mask)
