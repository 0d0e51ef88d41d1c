# mistake: ln(N / n)
import re

def idf(word, texts):
    n = sum(1 for t in texts if word in re.findall(r"\w+", t.lower()))
    return float(-np.log(n / len(texts)))
