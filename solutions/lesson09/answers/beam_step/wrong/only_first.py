# mistake: only the first beam goes on
def beam_step(beams, tree, width):
    words, bits = beams[0]
    longer = [([*words, word], bits - np.log2(p)) for word, p in tree[words[-1]].items()]
    return sorted(longer, key=lambda beam: beam[1])[:width]
