# mistake: [UNK] for the rest
def cut(rest, vocab, mark):
    for size in range(len(rest), 0, -1):
        if mark + rest[:size] in vocab:
            return [mark + rest[:size]] + cut(rest[size:], vocab, "##")
    return ["[UNK]"] if rest else []


def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    return cut(word, vocab, "")
