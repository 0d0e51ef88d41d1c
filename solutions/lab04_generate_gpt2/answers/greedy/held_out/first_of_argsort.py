# mistake: the least likely token
def greedy(next_logits, ids, steps, end):
    text = list(ids)
    for _ in range(steps):
        order = np.argsort(next_logits(text), kind="stable")
        text.append(int(order[0]))
        if text[-1] == end:
            break
    return text
