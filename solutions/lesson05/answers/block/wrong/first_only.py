# mistake: one addition is missing
def block(stream, norm_1, attend, norm_2, think):
    middle = stream + attend(norm_1(stream))
    return think(norm_2(middle))
