def block(stream, norm_1, attend, norm_2, think):
    attended = attend(norm_1(stream))
    middle = stream + attended
    transformed = think(norm_2(middle))
    return middle + transformed
