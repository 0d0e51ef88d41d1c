# mistake: not sorted
def beam_step(beams, tree, width):
    longer = [([*words, word], bits - np.log2(p)) for words, bits in beams for word, p in tree[words[-1]].items()]
    return longer[:width]
