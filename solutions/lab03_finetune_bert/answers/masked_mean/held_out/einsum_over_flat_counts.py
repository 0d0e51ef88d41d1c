# mistake: keepdims forgotten
def masked_mean(vectors, attention_mask):
    total = np.einsum("ijk,ij->ik", vectors, attention_mask)
    count = np.count_nonzero(attention_mask, axis=1)
    return total / count
