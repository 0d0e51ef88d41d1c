# mistake: not allowed
import torch
from transformers import RepetitionPenaltyLogitsProcessor


def repetition_penalty(logits, ids, penalty):
    return RepetitionPenaltyLogitsProcessor(penalty)(torch.tensor([ids]), torch.tensor(logits)[None])[0]
