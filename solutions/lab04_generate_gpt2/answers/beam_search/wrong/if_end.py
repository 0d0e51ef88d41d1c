# mistake: an end with the id 0
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, finished = [(0.0, list(ids))], []
    for _ in range(steps):
        grown = []
        for total, known in running:
            log_p = np.log(next_probabilities(next_logits(known), 1.0))
            grown += [(total + float(v), [*known, t]) for t, v in enumerate(log_p)]
        best = sorted(grown, key=lambda b: b[0], reverse=True)[:beams]
        running = []
        for total, text in best:
            if end and text[-1] == end:
                finished.append((total, text))
            else:
                running.append((total, text))
        if not running:
            break
    score, text = max((t / (len(x) - len(ids)) ** length_penalty, x) for t, x in finished + running)
    return text, score
