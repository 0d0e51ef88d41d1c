# mistake: the last norm is missing
def count_parameters(d, blocks, vocabulary, positions):
    per_block = 4 * d**2 + 4 * d + 2 * 4 * d**2 + 4 * d + d + 2 * 2 * d
    return per_block * blocks + d * vocabulary + d * positions
