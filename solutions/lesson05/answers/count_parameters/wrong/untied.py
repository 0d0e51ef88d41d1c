# mistake: the tied table counted twice
def count_parameters(d, blocks, vocabulary, positions):
    return (2 * vocabulary + positions) * d + blocks * (12 * d * d + 13 * d) + 2 * d
