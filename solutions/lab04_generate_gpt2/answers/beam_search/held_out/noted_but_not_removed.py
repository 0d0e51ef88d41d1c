# mistake: ended beams run on
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, finished = [(0.0, list(ids))], []
    for _ in range(steps):
        grown = []
        for total, text in running:
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            for token in range(len(log_p)):
                grown.append((total + float(log_p[token]), text + [token]))
        running = sorted(grown, reverse=True)[:beams]
        for beam in running:
            if beam[1][-1] == end:
                finished.append(beam)
    finished += running
    score, text = max((s / (len(t) - len(ids)) ** length_penalty, t) for s, t in finished)
    return text, score
