# mistake: size taken as the number of batches
def batches(rows, size):
    k, m = divmod(len(rows), size)
    ends = [i * k + min(i, m) for i in range(size + 1)]
    return [rows[a:b] for a, b in zip(ends, ends[1:])]
