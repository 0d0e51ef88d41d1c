# mistake: each beam by itself
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    p = next_probabilities(next_logits(ids), 1.0)
    scored = []
    for first in np.argsort(-p)[:beams]:
        text, total = list(ids) + [int(first)], np.log(p[first])
        while text[-1] != end and len(text) < len(ids) + steps:
            q = next_probabilities(next_logits(text), 1.0)
            text.append(int(q.argmax()))
            total += np.log(q.max())
        scored.append((total / (len(text) - len(ids)) ** length_penalty, text))
    score, text = max(scored)
    return text, score
