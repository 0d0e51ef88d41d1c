# mistake: place by place
def clipped_matches(said, references):
    return max(sum(a == b for a, b in zip(said, reference)) for reference in references)
