# mistake: no overlap
def windows(ids, room, stride):
    step = room
    starts = range(0, max(len(ids) - stride, 1), step)
    return [ids[start : start + room] for start in starts]
