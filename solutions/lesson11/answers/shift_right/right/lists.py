def shift_right(labels, start, pad):
    return [[start, *(int(i) if i != -100 else pad for i in row[:-1])] for row in labels]
