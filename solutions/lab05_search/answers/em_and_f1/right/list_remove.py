def em_and_f1(predicted, answers):
    em, best = 0, 0
    for answer in answers:
        theirs, mine = normalized(answer).split(), normalized(predicted).split()
        if mine == theirs:
            em = 1
        left, shared = list(theirs), 0
        for word in mine:
            if word in left:
                left.remove(word)
                shared += 1
        total = len(mine) + len(theirs)
        best = max(best, 1 if total == 0 else 2 * shared / total)
    return em, best
