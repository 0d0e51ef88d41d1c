def clipped_matches(said, references):
    found = 0
    for gram in dict.fromkeys(said):
        best = 0
        for reference in references:
            best = max(best, min(reference.count(gram), said.count(gram)))
        found += best
    return found
