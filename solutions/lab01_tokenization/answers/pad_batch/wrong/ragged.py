# mistake: not padded
def pad_batch(rows, pad_id, max_length, side):
    ids = [row[:max_length] for row in rows]
    mask = [[1 for _ in row] for row in ids]
    return {"input_ids": ids, "attention_mask": mask}
