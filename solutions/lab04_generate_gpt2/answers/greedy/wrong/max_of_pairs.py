# mistake: the highest id among ties
def greedy(next_logits, ids, steps, end):
    ids = list(ids)
    for _ in range(steps):
        logits = next_logits(ids)
        _, best = max((z, i) for i, z in enumerate(logits))
        ids.append(best)
        if best == end:
            break
    return ids
