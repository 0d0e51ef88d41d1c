# mistake: both read the same stream
def block(stream, norm_1, attend, norm_2, think):
    return stream + attend(norm_1(stream)) + think(norm_2(stream))
