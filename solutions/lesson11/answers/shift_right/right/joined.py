def shift_right(labels, start, pad):
    first = np.full((len(labels), 1), start)
    read = np.concatenate([first, labels[:, :-1]], axis=1)
    read[read == -100] = pad
    return read
