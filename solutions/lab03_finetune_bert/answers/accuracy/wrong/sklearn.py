# mistake: not allowed
from sklearn.metrics import accuracy_score


def accuracy(predictions, labels):
    return accuracy_score(labels, predictions) if labels else 0.0
