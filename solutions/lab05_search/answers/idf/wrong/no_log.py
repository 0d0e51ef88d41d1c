# mistake: the logarithm left out
import re

def idf(word, texts):
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return 1 + (len(texts) - n + 0.5) / (n + 0.5)
