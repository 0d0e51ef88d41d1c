# mistake: divided without a remainder
import re

def idf(word, texts):
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return np.log(1 + np.floor((len(texts) - n + 0.5) / (n + 0.5)))
