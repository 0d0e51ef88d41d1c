# mistake: an end as the prompt's last token stops it
def greedy(next_logits, ids, steps, end):
    ids = list(ids)
    for _ in range(steps):
        if ids[-1] == end:
            return ids
        ids.append(int(next_logits(ids).argmax()))
    return ids
