# mistake: labels one row each
import torch


def collate(rows, pad_id):
    longest = max(len(row["input_ids"]) for row in rows)
    ids = torch.full((len(rows), longest), pad_id, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for i, row in enumerate(rows):
        n = len(row["input_ids"])
        ids[i, :n] = torch.tensor(row["input_ids"])
        mask[i, :n] = 1
    labels = torch.tensor([row["label"] for row in rows]).unsqueeze(1)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}
