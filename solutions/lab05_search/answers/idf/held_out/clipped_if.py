# mistake: negative values set to 0
import re

def idf(word, texts):
    N = len(texts)
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    value = np.log((N - n + 0.5) / (n + 0.5))
    if value < 0:
        value = 0.0
    return value
