# mistake: `return` inside the loop
def encode(word, merges):
    s = tuple(word)
    for left, right in merges:
        i = 0
        while i < len(s) - 1:
            if (s[i], s[i + 1]) == (left, right):
                s = s[:i] + (left + right,) + s[i + 2 :]
            i += 1
        return list(s)
