# mistake: not allowed
from helpers.reference import search
def mrr_and_hit(ranks, k):
    r = [x or 10**9 for x in ranks]
    return search.reciprocal_ranks(r).mean(), search.hits_at(r, k).mean()
