# mistake: in nats
import math


def beam_step(beams, tree, width):
    longer = []
    for words, total in beams:
        for word in tree[words[-1]]:
            longer.append((words + [word], total - math.log(tree[words[-1]][word])))
    longer.sort(key=lambda pair: pair[1])
    return longer[0:width]
