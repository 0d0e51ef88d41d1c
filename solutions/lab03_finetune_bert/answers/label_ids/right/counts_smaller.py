def label_ids(names):
    return [sum(other < name for other in set(names)) for name in names]
