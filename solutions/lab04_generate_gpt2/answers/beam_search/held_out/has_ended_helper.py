# mistake: an end with the id 0
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    def has_ended(text):
        return bool(end) and text[-1] == end

    running, finished = [(0.0, list(ids))], []
    for _ in range(steps):
        grown = []
        for total, text in running:
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            grown += [(total + float(v), text + [t]) for t, v in enumerate(log_p)]
        best = sorted(grown, reverse=True)[:beams]
        finished += [b for b in best if has_ended(b[1])]
        running = [b for b in best if not has_ended(b[1])]
        if not running:
            break
    score, text = max((s / (len(t) - len(ids)) ** length_penalty, t) for s, t in finished + running)
    return text, score
