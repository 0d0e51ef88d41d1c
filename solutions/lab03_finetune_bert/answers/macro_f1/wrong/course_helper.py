# mistake: not allowed
from course.finetuning import accuracy_and_f1
from helpers.metrics import confusion


def macro_f1(predictions, labels):
    return accuracy_and_f1(confusion(labels, predictions))[1]
