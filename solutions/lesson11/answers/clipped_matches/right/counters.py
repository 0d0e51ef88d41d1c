from collections import Counter

def clipped_matches(said, references):
    most = Counter()
    for reference in references:
        most |= Counter(reference)
    return (Counter(said) & most).total()
