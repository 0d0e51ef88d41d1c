# mistake: not allowed
def macro_f1(predictions, labels):
    import sklearn.metrics

    return sklearn.metrics.f1_score(labels, predictions, labels=sorted(set(labels)), average="macro", zero_division=0)
