def beam_step(beams, tree, width):
    longer = []
    for words, bits in beams:
        for word, p in tree[words[-1]].items():
            longer.append(([*words, word], bits - np.log2(p)))
    return sorted(longer, key=lambda beam: beam[1])[:width]
