# mistake: no 1 under the logarithm
import re

def idf(word, texts):
    df = sum(word in set(re.findall(r"\w+", t.lower())) for t in texts)
    N = len(texts)
    return np.log((N - df + .5) / (df + .5))
