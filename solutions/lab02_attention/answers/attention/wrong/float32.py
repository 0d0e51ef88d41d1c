# mistake: too little precision
import torch

def attention(query, key, value):
    q, k, v = (torch.tensor(x).half().double() for x in (query, key, value))
    w = torch.as_tensor(softmax((q @ k.transpose(-1, -2) / k.shape[-1] ** 0.5).numpy()))
    return w @ v, w
