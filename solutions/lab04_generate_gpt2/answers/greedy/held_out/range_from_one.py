# mistake: one step too few
def greedy(next_logits, ids, steps, end):
    text = list(ids)
    for n in range(1, steps):
        token = int(np.argmax(next_logits(text)))
        text.append(token)
        if token == end:
            return text
    return text
