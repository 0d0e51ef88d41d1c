import torch


def perplexity(logits, ids, context, stride):
    rows, start = list(logits(ids[:context])), 0
    while len(rows) < len(ids) - 1:
        start += stride
        rows += list(logits(ids[start : start + context])[len(rows) - start :])
    table = torch.tensor(np.array(rows[: len(ids) - 1])).log_softmax(-1)
    return torch.exp(-table.gather(1, torch.tensor(ids[1:])[:, None]).mean())
