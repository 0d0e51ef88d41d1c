# mistake: the form of scikit-learn
import re

def idf(word, texts):
    N = len(texts)
    df = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return 1 + np.log((N + 1) / (df + 1))
