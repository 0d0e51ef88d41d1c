# mistake: ended beams keep a place
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    pool = [(0.0, list(ids), False)]
    for _ in range(steps):
        candidates = []
        for total, text, ended in pool:
            if ended:
                candidates.append((total, text, True))
                continue
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            for token, value in enumerate(log_p):
                candidates.append((total + float(value), text + [token], token == end))
        pool = sorted(candidates, key=lambda c: c[0], reverse=True)[:beams]
        if all(ended for _, _, ended in pool):
            break
    score, text = max((s / (len(t) - len(ids)) ** length_penalty, t) for s, t, _ in pool)
    return text, score
