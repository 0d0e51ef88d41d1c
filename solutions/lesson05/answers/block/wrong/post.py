# mistake: BERT's order
def block(stream, norm_1, attend, norm_2, think):
    stream = norm_1(stream + attend(stream))
    return norm_2(stream + think(stream))
