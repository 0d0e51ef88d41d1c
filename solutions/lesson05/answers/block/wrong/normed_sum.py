# mistake: the normalized copy is kept
def block(stream, norm_1, attend, norm_2, think):
    x = norm_1(stream)
    x = x + attend(x)
    y = norm_2(x)
    return y + think(y)
