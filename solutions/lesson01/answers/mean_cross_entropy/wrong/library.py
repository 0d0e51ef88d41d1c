# mistake: not allowed
import torch


def mean_cross_entropy(logits, target):
    return torch.nn.functional.cross_entropy(torch.as_tensor(logits), torch.as_tensor(target))
