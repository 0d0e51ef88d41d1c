# mistake: one number for each row
def label_ids(names):
    return [i for i, name in enumerate(names)]
