# mistake: no biases
parameters = 4 * 8 * 8
