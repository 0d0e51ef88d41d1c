# mistake: in order of appearance
def label_ids(names):
    table = {}
    for name in names:
        if name not in table:
            table[name] = len(table)
    return [table[name] for name in names]
