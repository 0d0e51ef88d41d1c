# mistake: greedy
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    text, total = list(ids), 0.0
    for n in range(1, steps + 1):
        p = next_probabilities(next_logits(text), 1.0)
        text.append(int(p.argmax()))
        total += np.log(p.max())
        if text[-1] == end:
            break
    return text, total / n ** length_penalty
