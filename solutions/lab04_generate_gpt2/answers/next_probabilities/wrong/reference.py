# mistake: not allowed
from helpers.reference.attention import softmax
from helpers.reference import decoding


def next_probabilities(logits, temperature):
    return softmax(decoding.temperature(logits, temperature))
