# mistake: each beam keeps its own best
def beam_step(beams, tree, width):
    out = []
    for words, bits in beams:
        options = tree[words[-1]]
        best = max(options, key=options.get)
        out.append((words + [best], bits - np.log2(options[best])))
    out.sort(key=lambda beam: beam[1])
    return out[:width]
