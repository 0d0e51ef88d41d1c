# mistake: only the ids returned
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, finished = [(0.0, list(ids))], []
    for _ in range(steps):
        grown = []
        for total, text in running:
            p = next_probabilities(next_logits(text), 1.0)
            for token in range(len(p)):
                grown.append((total + float(np.log(p[token])), text + [token]))
        best = sorted(grown, key=lambda b: b[0])[-beams:]
        running = [b for b in best if b[1][-1] != end]
        finished += [b for b in best if b[1][-1] == end]
        if not running:
            break
    winner = max(finished + running, key=lambda b: b[0] / (len(b[1]) - len(ids)) ** length_penalty)
    return winner[1]
