# mistake: shifted to the left
def shift_right(labels, start, pad):
    shifted = np.roll(labels, -1, axis=-1)
    shifted[:, -1] = start
    return np.where(shifted == -100, pad, shifted)
