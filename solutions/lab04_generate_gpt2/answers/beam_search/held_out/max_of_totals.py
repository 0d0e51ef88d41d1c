# mistake: the length penalty ignored
def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    alive, best_text, best_total = {tuple(ids): 0.0}, None, -np.inf
    for n in range(steps):
        grown = {}
        for text, total in alive.items():
            log_p = np.log(next_probabilities(next_logits(list(text)), 1.0))
            for token, value in enumerate(log_p):
                grown[text + (token,)] = total + float(value)
        alive = {}
        for text in sorted(grown, key=grown.get, reverse=True)[:beams]:
            if text[-1] != end and n < steps - 1:
                alive[text] = grown[text]
            elif grown[text] > best_total:
                best_text, best_total = text, grown[text]
    return list(best_text), best_total
