# mistake: the norms of the blocks are missing
def count_parameters(d, blocks, vocabulary, positions):
    return (vocabulary + positions) * d + blocks * (4 * (d * d + d) + 8 * d * d + 5 * d) + 2 * d
