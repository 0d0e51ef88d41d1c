# mistake: not allowed
from sklearn.preprocessing import LabelEncoder


def label_ids(names):
    return LabelEncoder().fit_transform(names)
