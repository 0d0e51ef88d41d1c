# mistake: always 60
def fusion(searches, k):
    return [sum(1 / (60 + sum(o >= s[i] for o in s)) for s in searches) for i in range(len(searches[0]))]
