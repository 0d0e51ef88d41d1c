# mistake: feed-forward is as narrow as the stream
def count_parameters(d, blocks, vocabulary, positions):
    return (vocabulary + positions) * d + blocks * (4 * (d * d + d) + 2 * d * d + 2 * d + 4 * d) + 2 * d
