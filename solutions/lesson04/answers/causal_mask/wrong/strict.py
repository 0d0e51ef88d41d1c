# mistake: not even itself
def causal_mask(tokens):
    place = np.arange(tokens)
    return place[None, :] < place[:, None]
