import torch


def top_p(logits, p):
    z = torch.tensor(logits)
    ordered, place = torch.sort(z.softmax(-1), descending=True)
    cut = ordered.cumsum(-1) - ordered >= p
    return z.masked_fill(torch.zeros_like(cut).scatter(0, place, cut), -float("inf"))
