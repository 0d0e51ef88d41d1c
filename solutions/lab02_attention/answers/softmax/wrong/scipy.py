# mistake: not allowed
def softmax(scores):
    from scipy import special
    return special.softmax(scores, axis=-1)
