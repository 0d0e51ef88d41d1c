import torch


def accuracy(predictions, labels):
    if not labels:
        return 0.0
    return (torch.tensor(predictions) == torch.tensor(labels)).float().mean()
