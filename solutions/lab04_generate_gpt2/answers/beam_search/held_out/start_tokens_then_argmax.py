# mistake: each beam by itself
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    log_p = np.log(next_probabilities(next_logits(list(ids)), 1.0))
    results = []
    for first in np.argsort(-log_p)[:beams]:
        text, total = list(ids) + [int(first)], float(log_p[first])
        while len(text) < len(ids) + steps and text[-1] != end:
            row = np.log(next_probabilities(next_logits(text), 1.0))
            token = int(np.argmax(row))
            text, total = text + [token], total + float(row[token])
        results.append((total / (len(text) - len(ids)) ** length_penalty, text))
    score, text = max(results)
    return text, score
