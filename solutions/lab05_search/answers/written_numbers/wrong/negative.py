# mistake: -
written_numbers = {"questions": [-31, 20, 8], "ranks": [23, 10, 3], "winners": [56, 43, 18], "mrr": 0.747, "hit_at_1": 0.646}
