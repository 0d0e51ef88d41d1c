import fractions
import operator
import numpy as np
from functools import reduce

def softmax(scores):
    def row(s):
        e = [math.exp(x - max(s)) for x in s]
        total = reduce(operator.add, e)
        return [float(fractions.Fraction(x) / fractions.Fraction(total)) for x in e]

    rows = np.reshape(scores, (-1, np.shape(scores)[-1])).tolist()
    return np.reshape([row(s) for s in rows], np.shape(scores))
