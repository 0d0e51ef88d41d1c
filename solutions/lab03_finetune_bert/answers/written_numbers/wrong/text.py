# mistake: -
written_numbers = {"confusion": "[[48, 16], [15, 49]]", "accuracy": "0.758", "low": "0.684", "high": "0.832"}
