# mistake: -
written_numbers = {"questions": [8, 20, 144], "ranks": [2, 9, 22], "winners": [18, 43, 56], "mrr": 0.747, "hit_at_1": 0.646}
