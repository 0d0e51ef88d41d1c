# mistake: cut to the shortest
import torch


def pad(rows, pad_id, side="right"):
    width = min(map(len, rows))
    ids = torch.tensor([row[:width] for row in rows])
    return ids, torch.ones_like(ids)
