# mistake: running beams lost at the last step
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, finished = [(0.0, list(ids))], []
    for _ in range(steps):
        grown = []
        for total, text in running:
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            for token, value in enumerate(log_p):
                grown.append((total + float(value), text + [token]))
        grown = sorted(grown, reverse=True)[:beams]
        running = []
        for total, text in grown:
            if text[-1] == end:
                finished.append((total, text))
            else:
                running.append((total, text))
        if not running:
            break
    pool = finished or running
    score, text = max((s / (len(t) - len(ids)) ** length_penalty, t) for s, t in pool)
    return text, score
