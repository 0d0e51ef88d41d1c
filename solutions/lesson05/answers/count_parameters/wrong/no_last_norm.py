# mistake: the last norm is missing
def count_parameters(d, blocks, vocabulary, positions):
    return (vocabulary + positions) * d + blocks * (12 * d * d + 13 * d)
