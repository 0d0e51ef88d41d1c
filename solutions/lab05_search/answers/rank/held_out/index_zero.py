# mistake: only the first right one
def rank(scores, right):
    document = right[0]
    ahead = [j for j in range(len(scores)) if j != document and scores[j] >= scores[document]]
    return len(ahead) + 1
