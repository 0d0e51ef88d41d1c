# mistake: only the first reference
def clipped_matches(said, references):
    return sum(min(said.count(gram), references[0].count(gram)) for gram in set(said))
