# mistake: not allowed
from torch.utils.data import DataLoader


def batches(rows, size):
    return list(DataLoader(rows, batch_size=size, collate_fn=list))
