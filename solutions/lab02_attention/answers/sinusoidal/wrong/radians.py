# mistake: degrees
import numpy as np

def sinusoidal(tokens, width):
    table = np.zeros((tokens, width))
    for t in range(tokens):
        for i in range(width // 2):
            angle = math.radians(t / 10000 ** (2 * i / width))
            table[t, 2 * i], table[t, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return table
