# mistake: the mean place of ties
def fusion(searches, k):
    def place(s, x):
        above, tied = sum(o > x for o in s), sum(o == x for o in s)
        return above + (tied + 1) / 2
    return [sum(1 / (k + place(s, s[i])) for s in searches) for i in range(len(searches[0]))]
