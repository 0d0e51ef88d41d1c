# mistake: not allowed
from scipy.stats import rankdata
def fusion(searches, k):
    return sum(1 / (k + rankdata(-s, method="max")) for s in searches)
