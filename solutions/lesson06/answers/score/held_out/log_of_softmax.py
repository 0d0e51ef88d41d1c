# mistake: how many, not which share
import torch
from torch.nn.functional import cross_entropy


def score(logits, labels):
    loss = cross_entropy(logits, torch.tensor(labels)).item()
    return loss, sum(float(row.argmax() == label) for row, label in zip(logits, labels))
