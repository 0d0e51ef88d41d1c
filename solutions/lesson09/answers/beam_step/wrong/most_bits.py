# mistake: the least likely are kept
def beam_step(beams, tree, width):
    longer = [([*words, word], bits - np.log2(p)) for words, bits in beams for word, p in tree[words[-1]].items()]
    return sorted(longer, key=lambda beam: -beam[1])[:width]
