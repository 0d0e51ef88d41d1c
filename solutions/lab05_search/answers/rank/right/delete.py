import numpy as np

def rank(scores, right):
    others = np.delete(scores, right)
    return 1 + int((others >= scores[right].max()).sum())
