# mistake: -
written_numbers = {"questions": [8, 20, 144], "ranks": [3, 10, 23], "winners": [18, 43, 56], "mrr": 0.646, "hit_at_1": 0.747}
