# mistake: not allowed
import torch
import torch.nn.functional as F


def perplexity(logits, ids, context, stride):
    losses, counted = [], 1
    for start in range(0, len(ids) - 1, stride):
        end = min(start + context + 1, len(ids))
        if end > counted:
            rows = torch.tensor(logits(ids[start : end - 1]))
            losses.append(F.cross_entropy(rows, torch.tensor(ids[start + 1 : end]), reduction="none")[counted - end :])
            counted = end
    return torch.cat(losses).mean().exp()
