table = np.array([[50, 14], [12, 52]])
share = table.trace() / table.sum()
half = 1.96 * np.sqrt(share * (1 - share) / table.sum())
written_numbers = {"confusion": table, "accuracy": share, "low": share - half, "high": share + half}
