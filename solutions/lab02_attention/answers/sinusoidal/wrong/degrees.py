# mistake: degrees
import numpy as np

def sinusoidal(tokens, width):
    angles = np.arange(tokens)[:, None] / 10_000 ** (np.arange(0, width, 2) / width) * 180 / np.pi
    table = np.empty((tokens, width))
    table[:, ::2], table[:, 1::2] = np.sin(angles), np.cos(angles)
    return table
