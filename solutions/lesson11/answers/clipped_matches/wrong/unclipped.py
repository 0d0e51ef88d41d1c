# mistake: not clipped
def clipped_matches(said, references):
    return sum(any(gram in reference for reference in references) for gram in said)
