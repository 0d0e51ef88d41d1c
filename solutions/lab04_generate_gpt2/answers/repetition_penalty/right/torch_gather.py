import torch


def repetition_penalty(logits, ids, penalty):
    z, places = torch.tensor(logits), torch.tensor(ids)
    seen = z.gather(0, places)
    return z.scatter(0, places, torch.where(seen < 0, seen * penalty, seen / penalty))
