import torch

def pad_batch(rows, pad_id, max_length, side):
    width = min(max_length, max(len(row) for row in rows))
    ids = torch.full((len(rows), width), pad_id, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        kept = torch.tensor(row[:max_length])
        columns = slice(width - len(kept), None) if side == "left" else slice(len(kept))
        ids[i, columns] = kept
        mask[i, columns] = 1
    return dict(input_ids=ids, attention_mask=mask)
