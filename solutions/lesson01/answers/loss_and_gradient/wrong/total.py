# mistake: the sum, not the mean
def loss_and_gradient(w, b, X, y):
    z = X @ w + b
    error = (1 / (1 + np.exp(-z)) - y)
    loss = np.mean(np.logaddexp(0, z) - y * z)
    return loss, X.T @ error, error.sum()
