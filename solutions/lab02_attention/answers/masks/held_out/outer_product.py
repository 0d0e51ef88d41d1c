# mistake: padding hidden on both sides
def masks(attention_mask):
    n = attention_mask.shape[1]
    triangle = np.tri(n, dtype=int)
    pairs = np.einsum("bq,bk->bqk", attention_mask, attention_mask)
    return (pairs * triangle) > 0
