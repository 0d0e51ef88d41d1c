# mistake: one token too many
def shift_right(labels, start, pad):
    read = np.concatenate([np.full((len(labels), 1), start), labels], axis=1)
    return np.where(read == -100, pad, read)
