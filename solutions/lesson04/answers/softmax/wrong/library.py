# mistake: not allowed
import torch


def softmax(scores):
    return torch.softmax(torch.as_tensor(scores), -1)
