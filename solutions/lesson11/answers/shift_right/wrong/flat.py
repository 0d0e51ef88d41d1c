# mistake: one row flows into the next
def shift_right(labels, start, pad):
    shifted = np.roll(labels, 1)
    shifted[0, 0] = start
    return np.where(shifted == -100, pad, shifted)
