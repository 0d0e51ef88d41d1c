# mistake: the sides are exchanged
import torch


def pad(rows, pad_id, side="right"):
    width = max(map(len, rows))
    ids, mask = [], []
    for row in rows:
        filling = [pad_id] * (width - len(row))
        real, unreal = [1] * len(row), [0] * len(filling)
        ids.append(row + filling if side == "left" else filling + row)
        mask.append(real + unreal if side == "left" else unreal + real)
    return torch.tensor(ids), torch.tensor(mask)
