written_numbers = {"confusion": ((64, 0), (0, 64)), "accuracy": 1, "low": 1.0, "high": 1.0}
