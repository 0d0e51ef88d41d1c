# mistake: -
import re

def merge(symbols, pair):
    text = " " + "  ".join(symbols) + " "
    return tuple(re.sub(f" {pair[0]}  {pair[1]} ", f" {pair[0]}{pair[1]} ", text).split())
