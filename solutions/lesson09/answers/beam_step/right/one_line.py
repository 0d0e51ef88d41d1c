import math


def beam_step(beams, tree, width):
    longer = [(words + [w], bits - math.log2(p)) for words, bits in beams for w, p in tree[words[-1]].items()]
    longer.sort(key=lambda beam: beam[1])
    return longer[:width]
