# mistake: the end dropped
def greedy(next_logits, ids, steps, end):
    text = list(ids)
    for _ in range(steps):
        row = list(next_logits(text))
        token = row.index(max(row))
        if token == end:
            return text
        text = text + [token]
    return text
