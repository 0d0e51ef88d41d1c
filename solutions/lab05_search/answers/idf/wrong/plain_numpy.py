# mistake: ln(N / n)
import re

def idf(word, texts):
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return np.log(np.float64(len(texts)) / n)
