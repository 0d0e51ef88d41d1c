# mistake: only the prompt shown
def greedy(next_logits, ids, steps, end):
    result = list(ids)
    for step in range(steps):
        scores = next_logits(ids)
        best = int(scores.argmax())
        result.append(best)
        if best == end:
            return result
    return result
