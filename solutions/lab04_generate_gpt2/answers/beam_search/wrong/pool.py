# mistake: ended beams keep a place
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    pool = [(0.0, tuple(ids), False)]
    for _ in range(steps):
        new = []
        for total, text, done in pool:
            if done:
                new.append((total, text, True))
                continue
            for i, q in enumerate(np.log(next_probabilities(next_logits(text), 1.0))):
                new.append((total + q, text + (i,), i == end))
        pool = sorted(new, reverse=True)[:beams]
    score = lambda beam: beam[0] / (len(beam[1]) - len(ids)) ** length_penalty
    best = max(pool, key=score)
    return list(best[1]), score(best)
