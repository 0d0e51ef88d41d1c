# mistake: the prompt counted in the length
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, scored = [(0.0, list(ids))], []
    for n in range(1, steps + 1):
        grown = []
        for total, text in running:
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            grown += [(total + float(v), text + [t]) for t, v in enumerate(log_p)]
        running = []
        for total, text in sorted(grown, reverse=True)[:beams]:
            if text[-1] == end or n == steps:
                scored.append((total / len(text) ** length_penalty, text))
            else:
                running.append((total, text))
    score, text = max(scored)
    return text, score
