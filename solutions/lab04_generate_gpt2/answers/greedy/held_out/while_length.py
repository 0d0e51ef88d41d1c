# mistake: goes on after the end
def greedy(next_logits, ids, steps, end):
    text = list(ids)
    target = len(text) + steps
    while len(text) < target:
        token = next_logits(text).argmax()
        text.append(int(token))
    return text
