# mistake: the output map is missing
def count_parameters(d, blocks, vocabulary, positions):
    return (vocabulary + positions) * d + blocks * (3 * (d * d + d) + 8 * d * d + 9 * d) + 2 * d
