# mistake: counted without [CLS]
def best_span(start, end, longest):
    s, e = start[1:], end[1:]
    best, chosen = start[0] + end[0], None
    for i in range(len(s)):
        for j in range(i, min(i + longest, len(s))):
            if s[i] + e[j] > best:
                best, chosen = s[i] + e[j], (i, j)
    return chosen
