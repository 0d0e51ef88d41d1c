import math
import re
from collections import Counter

def idf(word, texts):
    df = Counter()
    for text in texts:
        df.update(set(re.findall(r"\w+", text.lower())))
    ratio = (len(texts) - df[word] + 0.5) / (df[word] + 0.5)
    return math.log(1 + ratio)
