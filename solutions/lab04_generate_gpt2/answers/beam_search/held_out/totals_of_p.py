# mistake: probabilities added
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    alive, done = [(list(ids), 0.0)], []
    for _ in range(steps):
        options = []
        for text, total in alive:
            for token, q in enumerate(next_probabilities(next_logits(text), 1.0)):
                options.append((text + [token], total + float(q)))
        options.sort(key=lambda o: -o[1])
        alive = []
        for option in options[:beams]:
            (done if option[0][-1] == end else alive).append(option)
        if not alive:
            break
    scored = [(t, s / (len(t) - len(ids)) ** length_penalty) for t, s in done + alive]
    return max(scored, key=lambda pair: pair[1])
