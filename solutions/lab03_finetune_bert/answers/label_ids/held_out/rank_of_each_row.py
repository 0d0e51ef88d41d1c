# mistake: one number for each row
def label_ids(names):
    places = sorted(range(len(names)), key=lambda i: names[i])
    ranks = [0] * len(names)
    for number, i in enumerate(places):
        ranks[i] = number
    return ranks
