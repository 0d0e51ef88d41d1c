# mistake: no 1 under the logarithm
import re

def idf(word, texts):
    n = 0
    for text in texts:
        if word in set(re.findall(r"\w+", text.lower())):
            n += 1
    return np.log(len(texts) - n + 0.5) - np.log(n + 0.5)
