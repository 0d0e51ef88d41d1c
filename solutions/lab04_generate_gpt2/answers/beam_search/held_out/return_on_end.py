# mistake: the first end wins
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    def score(beam):
        return beam[1] / (len(beam[0]) - len(ids)) ** length_penalty

    running = [(list(ids), 0.0)]
    for _ in range(steps):
        grown = []
        for text, total in running:
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            grown += [(text + [i], total + float(x)) for i, x in enumerate(log_p)]
        running = sorted(grown, key=lambda b: b[1])[::-1][:beams]
        for beam in running:
            if beam[0][-1] == end:
                return beam[0], score(beam)
    best = max(running, key=score)
    return best[0], score(best)
