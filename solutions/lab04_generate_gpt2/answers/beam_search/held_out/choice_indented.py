# mistake: `return` inside the loop
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, finished = [(0.0, list(ids))], []
    for n in range(1, steps + 1):
        grown = []
        for total, text in running:
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            for token, value in enumerate(log_p):
                grown.append((total + float(value), text + [token]))
        grown.sort(reverse=True)
        running = [b for b in grown[:beams] if b[1][-1] != end]
        finished += [b for b in grown[:beams] if b[1][-1] == end]
        everything = finished + running
        score, text = max((s / (len(t) - len(ids)) ** length_penalty, t) for s, t in everything)
        return text, score
