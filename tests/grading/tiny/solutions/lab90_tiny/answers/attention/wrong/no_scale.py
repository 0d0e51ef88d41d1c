# mistake: no scale
def attention(query, key, value):
    return softmax(query @ key.swapaxes(-1, -2)) @ value
