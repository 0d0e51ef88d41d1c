# mistake: -
written_numbers = {"confusion": [[0.75, 0.25], [0.23, 0.77]], "accuracy": 0.7578, "low": 0.6836, "high": 0.8320}
