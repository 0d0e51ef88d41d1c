# mistake: greedy
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    text, total, n = list(ids), 0.0, 0
    while n < steps:
        p = next_probabilities(next_logits(text), 1.0)
        token = int(np.argmax(p))
        total += math.log(p[token])
        text.append(token)
        n += 1
        if token == end:
            break
    return text, total / n ** length_penalty
