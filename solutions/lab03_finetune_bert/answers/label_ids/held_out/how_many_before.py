# mistake: repeated names counted
def label_ids(names):
    numbers = []
    for name in names:
        smaller = 0
        for other in names:
            if other < name:
                smaller += 1
        numbers.append(smaller)
    return numbers
