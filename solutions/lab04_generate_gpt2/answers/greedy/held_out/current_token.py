# mistake: only the last token shown
def greedy(next_logits, ids, steps, end):
    text = list(ids)
    current = text[-1]
    for _ in range(steps):
        current = int(np.argmax(next_logits([current])))
        text.append(current)
        if current == end:
            break
    return text
