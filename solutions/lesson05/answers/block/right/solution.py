def block(stream, norm_1, attend, norm_2, think):
    stream = stream + attend(norm_1(stream))
    return stream + think(norm_2(stream))
