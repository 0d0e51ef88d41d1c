# mistake: `return` inside the loop
def label_ids(names):
    table = {name: i for i, name in enumerate(sorted(set(names)))}
    numbers = []
    for name in names:
        numbers.append(table[name])
        return numbers
