# mistake: sorted without regard to capitals
def label_ids(names):
    different = list(set(names))
    different.sort(key=lambda s: (s.casefold(), s))
    table = dict(zip(different, range(len(different))))
    return [table[s] for s in names]
