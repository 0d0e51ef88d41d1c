# mistake: not allowed
import torch
from torch.nn.utils.rnn import pad_sequence

def pad_batch(rows, pad_id, max_length, side):
    rows = [torch.tensor(row[:max_length]) for row in rows]
    ids = pad_sequence(rows, batch_first=True, padding_value=pad_id, padding_side=side)
    mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True, padding_side=side)
    return {"input_ids": ids, "attention_mask": mask}
