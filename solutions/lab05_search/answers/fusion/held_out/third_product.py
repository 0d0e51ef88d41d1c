# mistake: the best search only
def fusion(searches, k):
    result = []
    for i in range(len(searches[0])):
        result.append(1 / (k + min(sum(x >= s[i] for x in s) for s in searches)))
    return result
