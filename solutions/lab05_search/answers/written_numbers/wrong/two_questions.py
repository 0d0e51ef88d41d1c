# mistake: -
written_numbers = {"questions": [8, 20], "ranks": [3, 10], "winners": [18, 43], "mrr": 0.747, "hit_at_1": 0.646}
