# mistake: -
written_numbers = {"questions": [0, 20, 144], "ranks": [1, 10, 23], "winners": [18, 43, 56], "mrr": 0.747, "hit_at_1": 0.646}
