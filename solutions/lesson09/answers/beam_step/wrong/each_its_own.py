# mistake: each beam keeps its own best
def beam_step(beams, tree, width):
    longer = []
    for words, bits in beams:
        word, p = max(tree[words[-1]].items(), key=lambda item: item[1])
        longer.append(([*words, word], bits - np.log2(p)))
    return sorted(longer, key=lambda beam: beam[1])[:width]
