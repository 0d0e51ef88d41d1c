# mistake: -
written_numbers = {"confusion": [[48, 15], [16, 49]], "accuracy": 0.7578, "low": 0.6836, "high": 0.8320}
