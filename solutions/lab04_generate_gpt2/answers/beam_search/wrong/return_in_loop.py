# mistake: `return` inside the loop
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, finished = [(0.0, list(ids))], []
    for _ in range(steps):
        grown = []
        for total, known in running:
            log_p = np.log(next_probabilities(next_logits(known), 1.0))
            grown += [(total + float(v), [*known, t]) for t, v in enumerate(log_p)]
        best = sorted(grown, key=lambda b: b[0], reverse=True)[:beams]
        finished += [b for b in best if b[1][-1] == end]
        running = [b for b in best if b[1][-1] != end]
        score, text = max((b[0] / (len(b[1]) - len(ids)) ** length_penalty, b[1]) for b in finished + running)
        return text, score
