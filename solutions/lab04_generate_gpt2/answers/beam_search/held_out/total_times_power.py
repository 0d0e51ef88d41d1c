# mistake: multiplied by the length
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, finished = [(list(ids), 0.0, 0)], []
    for _ in range(steps):
        grown = []
        for text, total, n in running:
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            for token, value in enumerate(log_p):
                grown.append((text + [token], total + float(value), n + 1))
        grown.sort(key=lambda g: g[1], reverse=True)
        finished += [g for g in grown[:beams] if g[0][-1] == end]
        running = [g for g in grown[:beams] if g[0][-1] != end]
        if len(running) == 0:
            break
    best = max(finished + running, key=lambda g: g[1] * g[2] ** length_penalty)
    return best[0], best[1] * best[2] ** length_penalty
