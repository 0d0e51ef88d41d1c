# mistake: label instead of labels
def collate(rows, pad_id):
    longest = max(len(row['input_ids']) for row in rows)
    input_ids, attention_mask, labels = [], [], []
    for row in rows:
        input_ids.append(row['input_ids'] + [pad_id] * (longest - len(row['input_ids'])))
        attention_mask.append([1] * len(row['input_ids']) + [0] * (longest - len(row['input_ids'])))
        labels.append(row['label'])
    return {"input_ids": input_ids, "attention_mask": attention_mask, "label": labels}
