# mistake: right values of another type
import torch

def collate(rows, pad_id):
    longest = max(len(r['input_ids']) for r in rows)
    ids = [r['input_ids'] + [pad_id] * (longest - len(r['input_ids'])) for r in rows]
    mask = [[1] * len(r['input_ids']) + [0] * (longest - len(r['input_ids'])) for r in rows]
    return {'input_ids': ids, 'attention_mask': mask, 'labels': torch.tensor([float(r['label']) for r in rows])}
