# mistake: −100 stays
def shift_right(labels, start, pad):
    shifted = np.roll(labels, 1, axis=-1)
    shifted[:, 0] = start
    return shifted
