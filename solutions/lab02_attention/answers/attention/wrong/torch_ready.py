# mistake: not allowed
import torch.nn.functional as F
import torch


def attention(query, key, value):
    q, k, v = (torch.as_tensor(x) for x in (query, key, value))
    out = F.scaled_dot_product_attention(q, k, v)
    w = softmax((q @ k.mT / q.shape[-1] ** 0.5).numpy())
    return out.numpy(), w
