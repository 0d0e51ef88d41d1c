# mistake: going back
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    n = len(word)
    ways = [None] * n + [[]]
    for at in range(n - 1, -1, -1):
        for end in range(n, at, -1):
            piece = word[at:end] if at == 0 else "##" + word[at:end]
            if piece in vocab and ways[end] is not None:
                ways[at] = [piece] + ways[end]
                break
    return ways[0] if ways[0] is not None else ["[UNK]"]
