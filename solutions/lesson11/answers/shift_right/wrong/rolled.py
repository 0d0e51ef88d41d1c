# mistake: the end comes to the front
def shift_right(labels, start, pad):
    shifted = np.roll(labels, 1, axis=-1)
    return np.where(shifted == -100, pad, shifted)
