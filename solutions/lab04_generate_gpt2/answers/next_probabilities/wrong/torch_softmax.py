# mistake: not allowed
import torch


def next_probabilities(logits, temperature):
    return torch.softmax(torch.as_tensor(logits) / temperature, dim=-1).numpy()
