# mistake: the biases are missing
def count_parameters(d, blocks, vocabulary, positions):
    return (vocabulary + positions) * d + blocks * (4 * d * d + 8 * d * d + 4 * d) + 2 * d
