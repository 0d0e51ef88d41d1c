# mistake: padded on the left
def collate(rows, pad_id):
    longest = max(len(row['input_ids']) for row in rows)
    input_ids, attention_mask, labels = [], [], []
    for row in rows:
        input_ids.append([pad_id] * (longest - len(row['input_ids'])) + row['input_ids'])
        attention_mask.append([0] * (longest - len(row['input_ids'])) + [1] * len(row['input_ids']))
        labels.append(row['label'])
    return {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}
