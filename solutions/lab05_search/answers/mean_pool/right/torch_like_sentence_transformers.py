import torch

def mean_pool(hidden, mask):
    h = torch.tensor(hidden)
    m = torch.tensor(mask).unsqueeze(-1).expand(h.size()).double()
    return torch.sum(h * m, 1) / torch.clamp(m.sum(1), min=1e-9)
