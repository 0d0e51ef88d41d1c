# mistake: the order of the two
import torch
from torch.nn.functional import cross_entropy


def score(logits, labels):
    labels = torch.tensor(labels)
    loss = cross_entropy(logits, labels)
    right = logits.argmax(dim=1) == labels
    return right.float().mean().item(), loss.item()
