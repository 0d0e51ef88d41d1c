# mistake: only the new tokens
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    prompt = list(ids)
    running, finished = [(0.0, [])], []
    for _ in range(steps):
        grown = []
        for total, new in running:
            log_p = np.log(next_probabilities(next_logits(prompt + new), 1.0))
            grown += [(total + float(v), new + [t]) for t, v in enumerate(log_p)]
        grown = sorted(grown, reverse=True)[:beams]
        finished += [b for b in grown if b[1][-1] == end]
        running = [b for b in grown if b[1][-1] != end]
        if not running:
            break
    score, new = max((s / len(n) ** length_penalty, n) for s, n in finished + running)
    return new, score
