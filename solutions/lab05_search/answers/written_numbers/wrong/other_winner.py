# mistake: -
written_numbers = {"questions": [8, 35, 105], "ranks": [4, 9, 25], "winners": [18, 2, 30], "mrr": 0.8, "hit_at_1": 0.713}
