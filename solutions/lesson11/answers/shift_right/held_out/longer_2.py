# mistake: one token too many
def shift_right(labels, start, pad):
    return np.array([[start] + [pad if i == -100 else int(i) for i in row] for row in labels])
