# mistake: -
written_numbers = {"confusion": [[48, 16], [15, 49]], "accuracy": 0.7578, "low": 0.7550, "high": 0.7606}
