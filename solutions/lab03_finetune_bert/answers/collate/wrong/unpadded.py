# mistake: rows not padded
def collate(rows, pad_id):
    longest = max(len(row['input_ids']) for row in rows)
    input_ids, attention_mask, labels = [], [], []
    for row in rows:
        input_ids.append(row['input_ids'])
        attention_mask.append([1 for _ in row['input_ids']])
        labels.append(row['label'])
    return {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}
