# mistake: not allowed
import torch


def top_p(logits, p):
    from transformers import TopPLogitsWarper

    return TopPLogitsWarper(p)(None, torch.tensor(logits)[None])[0].numpy()
