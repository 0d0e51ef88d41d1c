# mistake: the same number for all
def label_ids(names):
    for number, label in enumerate(sorted(set(names))):
        code = number
    return [code for name in names]
