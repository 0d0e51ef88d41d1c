import torch


def split_heads(states, heads):
    x = torch.tensor(states, dtype=torch.float32)
    return x.unflatten(-1, (heads, -1)).transpose(-3, -2)
