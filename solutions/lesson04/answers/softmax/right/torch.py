import torch


def softmax(scores):
    scores = torch.as_tensor(scores)
    powers = (scores - scores.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)
