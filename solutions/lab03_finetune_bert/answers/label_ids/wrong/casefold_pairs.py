# mistake: sorted without regard to capitals
def label_ids(names):
    table = {}
    for name in sorted(set(names), key=lambda n: (n.casefold(), n)):
        table[name] = len(table)
    return [table[n] for n in names]
