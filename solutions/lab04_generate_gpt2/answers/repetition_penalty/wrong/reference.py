# mistake: not allowed
from helpers.reference.decoding import repetition_penalty
