def clipped_matches(said, references):
    matches = 0
    for gram in set(said):
        allowed = max(reference.count(gram) for reference in references)
        matches += min(said.count(gram), allowed)
    return matches
