# mistake: counted again at each occurrence
def clipped_matches(said, references):
    matches = 0
    for gram in said:
        allowed = max(reference.count(gram) for reference in references)
        matches += min(said.count(gram), allowed)
    return matches
