# mistake: how many, not which share
import torch
from torch.nn.functional import cross_entropy


def score(logits, labels):
    labels = torch.tensor(labels)
    loss = cross_entropy(logits, labels)
    right = logits.argmax(dim=1) == labels
    return loss.item(), int(right.sum())
