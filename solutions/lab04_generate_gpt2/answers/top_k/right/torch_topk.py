import torch


def top_k(logits, k):
    z = torch.tensor(logits)
    kth = torch.topk(z, min(k, z.numel())).values[-1]
    return z.masked_fill(z < kth, float("-inf"))
