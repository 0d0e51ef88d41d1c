# mistake: an end as the prompt's last token stops it
def greedy(next_logits, ids, steps, end):
    out = list(ids)
    count = 0
    while out[-1] != end and count < steps:
        out += [int(np.argmax(next_logits(out)))]
        count += 1
    return out
