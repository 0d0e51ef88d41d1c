import re
import numpy as np

def idf(word, texts):
    n = sum(bool(re.search(rf"\b{word}\b", t, re.IGNORECASE)) for t in texts)
    return float(np.log(1 + (len(texts) - n + 0.5) / (n + 0.5)))
