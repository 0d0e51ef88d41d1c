# mistake: padding in the mean
def masked_mean(vectors, attention_mask):
    texts, tokens, width = vectors.shape
    result = np.zeros((texts, width))
    for t in range(tokens):
        result += vectors[:, t]
    return result / tokens
