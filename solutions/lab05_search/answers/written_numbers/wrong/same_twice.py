# mistake: -
written_numbers = {"questions": [8, 8, 144], "ranks": [3, 3, 23], "winners": [18, 18, 56], "mrr": 0.747, "hit_at_1": 0.646}
