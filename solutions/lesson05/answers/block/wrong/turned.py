# mistake: feed-forward comes first
def block(stream, norm_1, attend, norm_2, think):
    stream = stream + think(norm_1(stream))
    return stream + attend(norm_2(stream))
