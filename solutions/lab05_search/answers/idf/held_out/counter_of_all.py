# mistake: every occurrence counted
import re
from collections import Counter

def idf(word, texts):
    counts = Counter()
    for text in texts:
        counts.update(re.findall(r"\w+", text.lower()))
    N, n = len(texts), counts[word]
    return np.log1p((N - n + 0.5) / (n + 0.5))
