# mistake: in small letters
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    found, rest, mark = [], word, ""
    while rest:
        size = len(rest)
        while size and mark + rest[:size].lower() not in vocab:
            size -= 1
        if not size:
            return ["[UNK]"]
        found.append(mark + rest[:size].lower())
        rest, mark = rest[size:], "##"
    return found
