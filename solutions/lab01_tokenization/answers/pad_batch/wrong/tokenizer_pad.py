# mistake: not allowed
from helpers import checkpoints

def pad_batch(rows, pad_id, max_length, side):
    tokenizer = checkpoints.tokenizer("gpt2")
    tokenizer.padding_side = side
    return tokenizer.pad({"input_ids": [row[:max_length] for row in rows]})
