# mistake: only one half
import re

def idf(word, texts):
    has = [word in re.findall(r"\w+", t.lower()) for t in texts]
    return np.log1p(has.count(False) / (has.count(True) + 0.5))
