# mistake: -
written_numbers = {"questions": [-31, 35, 8], "ranks": [25, 9, 4], "winners": [26, 2, 18], "mrr": 0.8, "hit_at_1": 0.713}
