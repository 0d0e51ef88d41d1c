def count_parameters(d, blocks, vocabulary, positions):
    return vocabulary * d + positions * d + blocks * (12 * d**2 + 13 * d) + 2 * d
