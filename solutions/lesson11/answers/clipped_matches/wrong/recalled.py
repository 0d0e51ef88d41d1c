# mistake: the reference is counted
def clipped_matches(said, references):
    return sum(max(reference.count(gram) for reference in references) for gram in set(said))
