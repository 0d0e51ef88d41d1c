# mistake: zero instead of pad_id
import torch


def pad(rows, pad_id, side="right"):
    width = max(map(len, rows))
    ids, mask = [], []
    for row in rows:
        filling = [0] * (width - len(row))
        real, unreal = [1] * len(row), [0] * len(filling)
        ids.append(row + filling if side == "right" else filling + row)
        mask.append(real + unreal if side == "right" else unreal + real)
    return torch.tensor(ids), torch.tensor(mask)
