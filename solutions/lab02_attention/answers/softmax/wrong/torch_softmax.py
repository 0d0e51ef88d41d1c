# mistake: not allowed
import torch


def softmax(scores):
    return torch.softmax(torch.as_tensor(scores), dim=-1).numpy()
