# mistake: references added up
def clipped_matches(said, references):
    matches = 0
    for gram in set(said):
        allowed = sum(reference.count(gram) for reference in references)
        matches += min(said.count(gram), allowed)
    return matches
