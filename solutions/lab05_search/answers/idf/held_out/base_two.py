# mistake: another base
import re

def idf(word, texts):
    containing = [t for t in texts if word in re.findall(r"\w+", t.lower())]
    n, N = len(containing), len(texts)
    return np.log2((N + 1) / (n + 0.5))
