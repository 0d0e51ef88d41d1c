# mistake: -
written_numbers = {"confusion": [[48, 16], [15, 49]], "accuracy": 0.80, "low": 0.73, "high": 0.87}
