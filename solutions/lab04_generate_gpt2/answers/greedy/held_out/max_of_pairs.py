# mistake: the highest id among ties
def greedy(next_logits, ids, steps, end):
    text = list(ids)
    for _ in range(steps):
        value, token = max((z, i) for i, z in enumerate(next_logits(text)))
        text.append(token)
        if token == end:
            break
    return text
