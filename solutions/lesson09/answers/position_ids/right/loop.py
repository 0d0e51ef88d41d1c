def position_ids(mask):
    positions = np.zeros_like(mask)
    for row, marks in enumerate(mask):
        real = int(marks.sum())
        positions[row, len(marks) - real :] = range(real)
    return positions
