# mistake: capitals taken for small letters
def label_ids(names):
    table = {}
    for name in sorted(set(map(str.lower, names))):
        table[name] = len(table)
    return [table[name.lower()] for name in names]
