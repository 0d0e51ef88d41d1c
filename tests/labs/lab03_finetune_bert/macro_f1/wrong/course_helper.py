# mistake: not allowed
from helpers.finetuning import accuracy_and_f1
from helpers.training import confusion


def macro_f1(predictions, labels):
    return accuracy_and_f1(confusion(labels, predictions))[1]
