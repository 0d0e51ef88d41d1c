# mistake: the end is lost
def windows(ids, room, stride):
    step = room - stride
    return [ids[start : start + room] for start in range(0, max(len(ids) - room + 1, 1), step)]
