# mistake: numbered from 1
def label_ids(names):
    table = {name: i for i, name in enumerate(sorted(set(names)), 1)}
    return [table[name] for name in names]
