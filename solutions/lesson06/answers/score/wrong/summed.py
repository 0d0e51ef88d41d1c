# mistake: the sum, not the mean
import torch
from torch.nn.functional import cross_entropy


def score(logits, labels):
    labels = torch.tensor(labels)
    loss = cross_entropy(logits, labels, reduction="sum")
    right = logits.argmax(dim=1) == labels
    return loss.item(), right.float().mean().item()
