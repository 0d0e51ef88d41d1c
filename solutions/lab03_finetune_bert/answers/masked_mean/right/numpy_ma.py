def masked_mean(vectors, attention_mask):
    hidden = np.broadcast_to(attention_mask[..., None] == 0, vectors.shape)
    return np.ma.masked_array(vectors, hidden).mean(axis=1).data
