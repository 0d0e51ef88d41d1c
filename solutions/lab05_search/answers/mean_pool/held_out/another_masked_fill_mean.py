# mistake: divided by all tokens
import torch

def mean_pool(hidden, mask):
    h = torch.tensor(hidden)
    h = h.masked_fill(torch.tensor(mask).unsqueeze(-1) == 0, 0.0)
    return h.mean(dim=1)
