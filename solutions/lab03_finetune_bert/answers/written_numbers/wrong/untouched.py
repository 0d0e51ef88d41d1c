# mistake: -
written_numbers = {"confusion": None, "accuracy": None, "low": None, "high": None}
