# mistake: logits added
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, finished = [(0.0, list(ids))], []
    step = 0
    while running and step < steps:
        grown = []
        for total, text in running:
            row = next_logits(text)
            grown.extend((total + float(row[t]), text + [t]) for t in range(len(row)))
        grown.sort(reverse=True)
        best = grown[:beams]
        running = [b for b in best if b[1][-1] != end]
        finished.extend(b for b in best if b[1][-1] == end)
        step += 1
    finished.extend(running)
    score, text = max((total / (len(t) - len(ids)) ** length_penalty, t) for total, t in finished)
    return text, score
