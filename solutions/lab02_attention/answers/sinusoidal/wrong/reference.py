# mistake: not allowed
from helpers.reference.attention import sinusoidal_positions


def sinusoidal(tokens, width):
    return sinusoidal_positions(tokens, width)
