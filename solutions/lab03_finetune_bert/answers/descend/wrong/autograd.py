# mistake: not allowed
import torch


def descend(batches, rate):
    weight = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=rate)
    for xs, ys in batches:
        loss = ((weight * torch.tensor(xs) - torch.tensor(ys)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return weight
