import torch


def softmax(scores):
    s = torch.from_numpy(scores)
    e = torch.exp(s - s.amax(dim=-1, keepdim=True))
    return e / e.sum(dim=-1, keepdim=True)
