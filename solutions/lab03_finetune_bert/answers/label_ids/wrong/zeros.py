# mistake: the same number for all
def label_ids(names):
    result = []
    for name in names:
        table = {name: i for i, name in enumerate(sorted({name}))}
        result.append(table[name])
    return result
