import heapq


def beam_step(beams, tree, width):
    longer = (([*b, w], t - np.log(p) / np.log(2)) for b, t in beams for w, p in tree[b[-1]].items())
    return heapq.nsmallest(width, longer, key=lambda beam: beam[1])
