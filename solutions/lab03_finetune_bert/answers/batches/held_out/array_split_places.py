# mistake: size taken as the number of batches
def batches(rows, size):
    places = np.array_split(np.arange(len(rows)), min(size, len(rows)))
    return [[rows[i] for i in part] for part in places]
