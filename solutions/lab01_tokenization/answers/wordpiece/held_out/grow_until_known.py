# mistake: the shortest match
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    pieces, current = [], ""
    for letter in word:
        current += letter
        name = "##" + current if pieces else current
        if name in vocab:
            pieces.append(name)
            current = ""
    return ["[UNK]"] if current else pieces
