# mistake: all spaces removed
import re

def without_copies(train, test):
    keys = {re.sub(r'\s', '', t).lower() for t in test}
    return [t for t in train if re.sub(r'\s', '', t).lower() not in keys]
