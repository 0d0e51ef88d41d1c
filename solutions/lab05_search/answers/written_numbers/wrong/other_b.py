# mistake: -
written_numbers = {"questions": [8, 35, 105], "ranks": [6, 7, 25], "winners": [18, 2, 26], "mrr": 0.8, "hit_at_1": 0.713}
