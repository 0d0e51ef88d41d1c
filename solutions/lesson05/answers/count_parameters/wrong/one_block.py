# mistake: only one block
def count_parameters(d, blocks, vocabulary, positions):
    return (vocabulary + positions) * d + 12 * d * d + 13 * d + 2 * d
