import heapq


def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    done, live = [], [(0.0, tuple(ids))]
    while live and steps:
        steps -= 1
        grown = []
        for total, text in live:
            z = next_logits(list(text))
            log_p = z - z.max() - np.log(np.exp(z - z.max()).sum())
            grown.extend((total + x, (*text, i)) for i, x in enumerate(log_p))
        best = heapq.nlargest(beams, grown)
        done += [b for b in best if b[1][-1] == end]
        live = [b for b in best if b[1][-1] != end]
    scored = [(total / (len(text) - len(ids)) ** length_penalty, text) for total, text in done + live]
    score, text = max(scored)
    return list(text), score
