# mistake: the longest symbol first
def encode(word, merges):
    known = {left + right for left, right in merges}
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            if word[start:end] in known or end == start + 1:
                out.append(word[start:end])
                start = end
                break
    return out
