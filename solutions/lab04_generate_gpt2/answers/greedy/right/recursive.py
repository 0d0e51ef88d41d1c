def greedy(next_logits, ids, steps, end):
    if steps == 0:
        return ids
    best = max(range(len(next_logits(ids))), key=next_logits(ids).__getitem__)
    if best == end:
        return [*ids, best]
    return greedy(next_logits, [*ids, best], steps - 1, end)
