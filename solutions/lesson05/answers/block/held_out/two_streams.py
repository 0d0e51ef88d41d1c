# mistake: both read the same stream
def block(stream, norm_1, attend, norm_2, think):
    a = attend(norm_1(stream))
    b = think(norm_2(stream))
    return a + b + stream
