def cut(rest, vocab, mark):
    if not rest:
        return ()
    fitting = [n for n in range(1, len(rest) + 1) if mark + rest[:n] in vocab]
    if not fitting:
        return None
    n = max(fitting)
    others = cut(rest[n:], vocab, "##")
    return None if others is None else (mark + rest[:n],) + others

def wordpiece(word, vocab):
    found = cut(word, vocab, "") if len(word) <= 100 else None
    return ("[UNK]",) if found is None else found
