# mistake: nothing is added
def block(stream, norm_1, attend, norm_2, think):
    return think(norm_2(attend(norm_1(stream))))
