# mistake: divided by all places
def masked_mean(vectors, attention_mask):
    vectors = vectors * np.expand_dims(attention_mask, -1)
    return vectors.mean(axis=1)
