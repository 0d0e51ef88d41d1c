# mistake: not clipped
def clipped_matches(said, references):
    known = {gram for reference in references for gram in reference}
    return len([gram for gram in said if gram in known])
