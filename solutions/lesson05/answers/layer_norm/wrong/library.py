# mistake: not allowed
def layer_norm(x, gain, bias, epsilon):
    import torch

    return torch.nn.functional.layer_norm(torch.as_tensor(x), x.shape[-1:], gain, bias, epsilon)
