import torch


def masks(attention_mask):
    m = torch.as_tensor(attention_mask).bool()
    n = m.shape[1]
    return (torch.ones(n, n, dtype=torch.bool).tril() & m.unsqueeze(1)).tolist()
