# mistake: -
written_numbers = {"questions": [8, 20, 144], "ranks": [3, 10, 23], "winners": [1, 2, 57], "mrr": 0.747, "hit_at_1": 0.646}
