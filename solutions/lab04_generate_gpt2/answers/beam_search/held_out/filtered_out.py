# mistake: ended beams lost
import heapq


def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running = [(0.0, list(ids))]
    for _ in range(steps):
        grown = []
        for total, text in running:
            log_p = np.log(next_probabilities(next_logits(text), 1.0))
            grown += [(total + float(v), text + [t]) for t, v in enumerate(log_p)]
        alive = [b for b in heapq.nlargest(beams, grown) if b[1][-1] != end]
        if not alive:
            break
        running = alive
    scored = [(s / max(1, len(t) - len(ids)) ** length_penalty, t) for s, t in running]
    score, text = max(scored)
    return text, score
