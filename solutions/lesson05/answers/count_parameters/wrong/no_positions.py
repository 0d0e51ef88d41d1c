# mistake: a table is missing
def count_parameters(d, blocks, vocabulary, positions):
    return vocabulary * d + blocks * (12 * d * d + 13 * d) + 2 * d
