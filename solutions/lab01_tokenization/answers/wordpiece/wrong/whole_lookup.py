# mistake: an error for unknown words
def wordpiece(word, vocab):
    if len(word) > 100:
        raise KeyError(word)
    out, i = [], 0
    while i < len(word):
        mark = "##" if i else ""
        fitting = {j: mark + word[i:j] for j in range(i + 1, len(word) + 1) if mark + word[i:j] in vocab}
        best = max(fitting, default=None)
        out.append(fitting[best])
        i = best
    return out
