# mistake: each n-gram once
def clipped_matches(said, references):
    matches = 0
    for gram in set(said):
        matches += any(gram in reference for reference in references)
    return matches
