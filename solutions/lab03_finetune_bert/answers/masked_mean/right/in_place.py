def masked_mean(vectors, attention_mask):
    vectors[attention_mask == 0] = 0
    return (vectors.sum(1).T / attention_mask.sum(1)).T
