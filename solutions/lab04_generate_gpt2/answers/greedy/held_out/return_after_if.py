# mistake: `return` inside the loop
def greedy(next_logits, ids, steps, end):
    text = list(ids)
    while steps > 0:
        token = int(np.argmax(next_logits(text)))
        text.append(token)
        steps -= 1
        if token == end:
            break
        return text
    return text
