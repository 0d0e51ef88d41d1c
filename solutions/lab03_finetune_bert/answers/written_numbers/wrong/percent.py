# mistake: -
written_numbers = {"confusion": [[48, 16], [15, 49]], "accuracy": 75.8, "low": 68.4, "high": 83.2}
