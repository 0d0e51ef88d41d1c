def greedy(next_logits, ids, steps, end):
    text = [*ids]
    while steps > 0:
        steps -= 1
        logits = next_logits(text).tolist()
        text += [logits.index(max(logits))]
        if text[-1] == end:
            return text
    return text
