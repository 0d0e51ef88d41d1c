# mistake: -
written_numbers = {"questions": [8, 20, 144], "ranks": [2, 14, 23], "winners": [18, 43, 56], "mrr": 0.7333, "hit_at_1": 0.6286}
