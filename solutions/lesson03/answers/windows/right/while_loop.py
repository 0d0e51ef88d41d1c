def windows(ids, room, stride):
    found, start = [ids[:room]], 0
    while start + room < len(ids):
        start += room - stride
        found.append(ids[start : start + room])
    return found
