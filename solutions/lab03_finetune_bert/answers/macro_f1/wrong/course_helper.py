# mistake: not allowed
from helpers.metrics import accuracy_and_f1, confusion


def macro_f1(predictions, labels):
    return accuracy_and_f1(confusion(labels, predictions))[1]
