# mistake: ln(N / n)
import math
import re

def idf(word, texts):
    df = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return 1 + math.log(len(texts) / (df + 1))
