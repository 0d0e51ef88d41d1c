def count_parameters(d, blocks, vocabulary, positions):
    attention = 4 * (d * d + d)
    feed_forward = 8 * d * d + 5 * d
    norms = 4 * d
    return (vocabulary + positions) * d + blocks * (attention + feed_forward + norms) + 2 * d
