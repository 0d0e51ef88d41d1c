# mistake: not allowed
import torch


def softmax_gradient(weights, upstream):
    s = torch.log(torch.as_tensor(weights)).requires_grad_()
    torch.softmax(s, -1).backward(torch.as_tensor(upstream))
    return s.grad.numpy()
