# mistake: not shifted
def shift_right(labels, start, pad):
    read = labels.copy()
    read[read < 0] = pad
    return read
