# mistake: padded to a fixed length
def collate(rows, pad_id):
    longest = 128
    input_ids, attention_mask, labels = [], [], []
    for row in rows:
        input_ids.append(row['input_ids'] + [pad_id] * (longest - len(row['input_ids'])))
        attention_mask.append([1] * len(row['input_ids']) + [0] * (longest - len(row['input_ids'])))
        labels.append(row['label'])
    return {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}
