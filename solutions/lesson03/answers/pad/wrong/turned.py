# mistake: the mask turned around
import torch


def pad(rows, pad_id, side="right"):
    width = max(map(len, rows))
    ids, mask = [], []
    for row in rows:
        filling = [pad_id] * (width - len(row))
        real, unreal = [0] * len(row), [1] * len(filling)
        ids.append(row + filling if side == "right" else filling + row)
        mask.append(real + unreal if side == "right" else unreal + real)
    return torch.tensor(ids), torch.tensor(mask)
