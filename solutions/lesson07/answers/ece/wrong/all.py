# mistake: one bin for all
def ece(confidence, hits, bins=10):
    return abs(hits.mean() - confidence.mean())
