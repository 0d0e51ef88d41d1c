# mistake: a norm is missing
def block(stream, norm_1, attend, norm_2, think):
    stream = stream + attend(stream)
    return stream + think(stream)
