# mistake: capitals taken for small letters
def label_ids(names):
    table = {n: i for i, n in enumerate(sorted({n.lower() for n in names}))}
    return [table[n.lower()] for n in names]
