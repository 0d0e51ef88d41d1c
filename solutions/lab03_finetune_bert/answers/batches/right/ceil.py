def batches(rows, size):
    return [rows[i * size : (i + 1) * size] for i in range(math.ceil(len(rows) / size))]
