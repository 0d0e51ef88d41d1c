# mistake: -
written_numbers = {"confusion": [[140, 56], [44, 152]], "accuracy": 0.7449, "low": 0.7017, "high": 0.7880}
