# mistake: one window too many
def windows(ids, room, stride):
    found, start = [], 0
    while start < len(ids):
        found.append(ids[start : start + room])
        start += room - stride
    return found
