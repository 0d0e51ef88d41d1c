# mistake: not shifted
def shift_right(labels, start, pad):
    return np.where(labels == -100, pad, labels)
