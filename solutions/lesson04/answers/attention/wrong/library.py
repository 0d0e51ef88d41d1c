# mistake: not allowed
import torch


def attention(query, key, value, mask=None):
    query, key, value = map(torch.as_tensor, (query, key, value))
    return torch.nn.functional.scaled_dot_product_attention(query, key, value), None
