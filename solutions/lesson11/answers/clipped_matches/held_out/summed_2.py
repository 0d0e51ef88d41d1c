# mistake: references added up
def clipped_matches(said, references):
    left, matches = [gram for reference in references for gram in reference], 0
    for gram in said:
        if gram in left:
            left.remove(gram)
            matches += 1
    return matches
