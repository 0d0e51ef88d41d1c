# mistake: probabilities added
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, finished = [(0.0, list(ids))], []
    for step in range(steps):
        candidates = []
        for total, known in running:
            p = next_probabilities(next_logits(known), 1.0)
            for token in range(len(p)):
                candidates.append((total + p[token], known + [token]))
        candidates.sort(key=lambda c: c[0], reverse=True)
        running = []
        for total, known in candidates[:beams]:
            if known[-1] == end:
                finished.append((total, known))
            else:
                running.append((total, known))
    best = max(finished + running, key=lambda c: c[0] / (len(c[1]) - len(ids)) ** length_penalty)
    return best[1], best[0] / (len(best[1]) - len(ids)) ** length_penalty
