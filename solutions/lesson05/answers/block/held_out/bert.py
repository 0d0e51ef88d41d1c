# mistake: BERT's order
def block(stream, norm_1, attend, norm_2, think):
    x = stream
    x = norm_1(attend(x) + x)
    x = norm_2(think(x) + x)
    return x
