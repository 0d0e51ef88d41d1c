def block(stream, norm_1, attend, norm_2, think):
    first = attend(norm_1(stream))
    return stream + first + think(norm_2(stream + first))
