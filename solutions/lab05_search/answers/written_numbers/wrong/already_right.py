# mistake: -
written_numbers = {"questions": [0, 35, 105], "ranks": [1, 9, 25], "winners": [18, 2, 26], "mrr": 0.8, "hit_at_1": 0.713}
