# mistake: one window too many
def windows(ids, room, stride):
    step = room - stride
    starts = range(0, len(ids), step)
    return [ids[start : start + room] for start in starts]
