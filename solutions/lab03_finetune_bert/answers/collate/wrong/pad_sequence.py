# mistake: not allowed
import torch


def collate(rows, pad_id):
    ids = [torch.tensor(row["input_ids"]) for row in rows]
    padded = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=pad_id)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(i) for i in ids], batch_first=True)
    return {"input_ids": padded, "attention_mask": mask, "labels": torch.tensor([row["label"] for row in rows])}
