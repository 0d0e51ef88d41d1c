import re

def merge(symbols, pair):
    # the paper's way: a pattern that respects the borders of symbols
    pattern = r"(?<!\S)" + re.escape(" ".join(pair)) + r"(?!\S)"
    return tuple(re.sub(pattern, "".join(pair), " ".join(symbols)).split(" "))
