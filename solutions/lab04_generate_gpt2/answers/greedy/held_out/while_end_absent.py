# mistake: an end in the prompt stops it
def greedy(next_logits, ids, steps, end):
    text = list(ids)
    while end not in text and len(text) < len(ids) + steps:
        text.append(int(np.argmax(next_logits(text))))
    return text
