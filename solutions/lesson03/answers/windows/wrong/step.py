# mistake: the stride as a step
def windows(ids, room, stride):
    step = max(stride, 1)
    starts = range(0, max(len(ids) - stride, 1), step)
    return [ids[start : start + room] for start in starts]
