# mistake: places counted from 0
def fusion(searches, k):
    result = []
    for i in range(len(searches[0])):
        value = 0
        for s in searches:
            place = 0
            for j in range(len(s)):
                if j != i and s[j] >= s[i]:
                    place += 1
            value += 1 / (k + place)
        result.append(value)
    return result
