# mistake: above zero
import torch
from torch.nn.functional import cross_entropy


def score(logits, labels):
    labels = torch.tensor(labels)
    loss = cross_entropy(logits, labels)
    right = (logits[:, 1] > 0).long() == labels
    return loss.item(), right.float().mean().item()
