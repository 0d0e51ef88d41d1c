import re
import numpy as np

def idf(word, texts):
    n = 0
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        if words.count(word) > 0:
            n += 1
    N = len(texts)
    return np.log(1 + (N - n + 0.5) / (n + 0.5))
