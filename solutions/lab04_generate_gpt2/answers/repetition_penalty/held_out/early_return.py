# mistake: `return` inside the loop
def repetition_penalty(logits, ids, penalty):
    result = logits.copy()
    for token in sorted(set(ids)):
        if result[token] < 0:
            result[token] *= penalty
        else:
            result[token] /= penalty
        return result
