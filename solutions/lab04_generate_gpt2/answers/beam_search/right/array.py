def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    running, totals, results = [list(ids)], np.zeros(1), []
    for n in range(1, steps + 1):
        table = totals[:, None] + np.log([next_probabilities(next_logits(r), 1.0) for r in running])
        order = np.argsort(-table, axis=None)[:beams]
        parents, tokens = np.unravel_index(order, table.shape)
        texts = [running[a] + [int(t)] for a, t in zip(parents, tokens)]
        running, kept = [], []
        for text, total in zip(texts, table[parents, tokens]):
            if text[-1] == end or n == steps:
                results.append([text, total / n ** length_penalty])
            else:
                running.append(text)
                kept.append(total)
        totals = np.array(kept)
        if not running:
            break
    return max(results, key=lambda r: r[1])
