import torch


def next_probabilities(logits, temperature):
    z = torch.from_numpy(logits) / temperature
    e = torch.exp(z - z.max())
    return e / e.sum()
