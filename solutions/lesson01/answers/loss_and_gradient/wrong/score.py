# mistake: no sigmoid
def loss_and_gradient(w, b, X, y):
    z = X @ w + b
    error = (z - y) / len(y)
    loss = np.mean(np.logaddexp(0, z) - y * z)
    return loss, X.T @ error, error.sum()
