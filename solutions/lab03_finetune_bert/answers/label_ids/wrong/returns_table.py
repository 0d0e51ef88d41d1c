# mistake: the table instead of the numbers
def label_ids(names):
    table = {}
    for name in sorted(names):
        table.setdefault(name, len(table))
    return table
