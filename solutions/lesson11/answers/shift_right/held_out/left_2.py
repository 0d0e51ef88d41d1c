# mistake: shifted to the left
def shift_right(labels, start, pad):
    rows = [[*row[1:], start] for row in labels.tolist()]
    return np.array([[pad if i == -100 else i for i in row] for row in rows])
