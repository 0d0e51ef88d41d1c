# mistake: going back
def wordpiece(word, vocab):
    def cut(rest, mark):
        if rest == "":
            return []
        for n in range(len(rest), 0, -1):
            if mark + rest[:n] in vocab:
                others = cut(rest[n:], "##")
                if others is not None:
                    return [mark + rest[:n]] + others
        return None

    if len(word) > 100:
        return ["[UNK]"]
    return cut(word, "") or ["[UNK]"]
