# mistake: the best single reference
def clipped_matches(said, references):
    return max(sum(min(said.count(gram), known.count(gram)) for gram in set(said)) for known in references)
