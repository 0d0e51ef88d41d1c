# mistake: an end with the id 0
def greedy(next_logits, ids, steps, end):
    stop = end or None
    text = list(ids)
    for _ in range(steps):
        token = int(np.argmax(next_logits(text)))
        text.append(token)
        if token == stop:
            break
    return text
