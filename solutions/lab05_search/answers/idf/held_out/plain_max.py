# mistake: ln(N / n)
import math
import re

def idf(word, texts):
    having = [t for t in texts if word in re.findall(r"\w+", t.lower())]
    return math.log(len(texts) / (len(having) + 1))
