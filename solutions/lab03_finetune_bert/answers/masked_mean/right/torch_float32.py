import torch


def masked_mean(vectors, attention_mask):
    v, m = torch.tensor(vectors).float(), torch.tensor(attention_mask).float()[..., None]
    return (v * m).sum(1) / m.sum(1).clamp(min=1)
