# mistake: not allowed
from course.leaks import near_duplicates


def without_copies(train, test):
    found = {i for i, _, _ in near_duplicates(train, test, 1.0)}
    return [t for i, t in enumerate(train) if i not in found]
