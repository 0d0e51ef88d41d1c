# mistake: a short text gives nothing
def windows(ids, room, stride):
    step = room - stride
    starts = range(0, len(ids) - room + 1, step)
    return [ids[start : start + room] for start in starts]
