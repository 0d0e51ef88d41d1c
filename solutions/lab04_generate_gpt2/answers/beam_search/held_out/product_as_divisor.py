# mistake: length times penalty
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    def score(beam):
        total, text = beam
        new = len(text) - len(ids)
        return total / (length_penalty * new)

    running, finished = [(0.0, list(ids))], []
    while running and steps > 0:
        grown = []
        for total, text in running:
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            grown += [(total + float(v), [*text, t]) for t, v in enumerate(log_p)]
        best = sorted(grown, reverse=True)[:beams]
        finished += [b for b in best if b[1][-1] == end]
        running = [b for b in best if b[1][-1] != end]
        steps -= 1
    winner = max(finished + running, key=score)
    return winner[1], score(winner)
