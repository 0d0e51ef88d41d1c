# mistake: `return` inside the loop
def pad_batch(rows, pad_id, max_length, side):
    width = min(max_length, max(len(row) for row in rows))
    result = {"input_ids": [], "attention_mask": []}
    for row in rows:
        row = row[:max_length]
        before = [0, width - len(row)][side == "left"]
        after = width - len(row) - before
        result["input_ids"].append([pad_id] * before + row + [pad_id] * after)
        result["attention_mask"].append([0] * before + [1] * len(row) + [0] * after)
        return result
