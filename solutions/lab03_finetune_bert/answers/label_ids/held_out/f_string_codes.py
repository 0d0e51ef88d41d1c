# mistake: numbers as text
def label_ids(names):
    codes = {name: f"{i}" for i, name in enumerate(sorted(set(names)))}
    return list(map(codes.get, names))
