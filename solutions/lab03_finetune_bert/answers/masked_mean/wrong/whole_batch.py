# mistake: divided by the tokens of the whole batch
def masked_mean(vectors, attention_mask):
    return (vectors * attention_mask[:, :, None]).sum(1) / np.sum(attention_mask)
