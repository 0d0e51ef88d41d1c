# mistake: sorted by length
def label_ids(names):
    pairs = sorted((len(name), name) for name in set(names))
    table = {name: i for i, (_, name) in enumerate(pairs)}
    return [table[name] for name in names]
