import re
import numpy as np

def idf(word, texts):
    sets = [set(re.findall(r"\w+", text.lower())) for text in texts]
    n = len([s for s in sets if word in s])
    return np.log1p((len(sets) - n + 0.5) / (n + 0.5))
