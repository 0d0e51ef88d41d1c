# mistake: ties counted in its favor
def rank(scores, right):
    ranked = np.sort(scores)[::-1]
    return int(np.argmax(ranked == max(scores[r] for r in right))) + 1
