# mistake: only the first reference
def clipped_matches(said, references):
    left, matches = list(references[0]), 0
    for gram in said:
        if gram in left:
            left.remove(gram)
            matches += 1
    return matches
