# mistake: numbered from 1
def label_ids(names):
    order = np.unique(names)
    return [int(np.searchsorted(order, name)) + 1 for name in names]
