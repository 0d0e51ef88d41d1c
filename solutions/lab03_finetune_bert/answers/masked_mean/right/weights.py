def masked_mean(vectors, attention_mask):
    w = attention_mask / attention_mask.sum(-1, keepdims=True)
    return (w[:, None, :] @ vectors)[:, 0]
