# mistake: not allowed
import torch
from transformers.generation import TopKLogitsWarper


def top_k(logits, k):
    return TopKLogitsWarper(k)(None, torch.tensor(logits)[None])[0].numpy()
