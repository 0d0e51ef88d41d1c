# mistake: not allowed
def fusion(searches, k):
    from helpers.reference.search import reciprocal_rank_fusion
    return reciprocal_rank_fusion(searches, k)
