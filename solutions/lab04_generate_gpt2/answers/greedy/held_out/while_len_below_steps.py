# mistake: the prompt counts as steps
def greedy(next_logits, ids, steps, end):
    text = ids[:]
    while len(text) < steps:
        row = next_logits(text)
        token = max(range(len(row)), key=lambda i: row[i])
        text.append(token)
        if token == end:
            break
    return text
