# mistake: too little precision
import torch

def softmax(scores):
    s = torch.tensor(scores).float()
    e = torch.exp(s - s.max(dim=-1, keepdim=True).values)
    return e / e.sum(dim=-1, keepdim=True)
