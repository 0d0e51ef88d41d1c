# mistake: one step too many
def greedy(next_logits, ids, steps, end):
    text, done = list(ids), 0
    while done <= steps:
        best = int(np.argmax(next_logits(text)))
        text.append(best)
        done += 1
        if best == end:
            break
    return text
