# mistake: the table instead of the numbers
def label_ids(names):
    table = {}
    for name in sorted(set(names)):
        table[name] = len(table)
    return list(table.items())
