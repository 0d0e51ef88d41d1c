# mistake: the mean of the places
def rank(scores, right):
    total = 0
    for i in right:
        total += sum(scores >= scores[i])
    return total / len(right)
