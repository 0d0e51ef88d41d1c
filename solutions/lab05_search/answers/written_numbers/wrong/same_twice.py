# mistake: -
written_numbers = {"questions": [8, 8, 105], "ranks": [4, 4, 25], "winners": [18, 18, 26], "mrr": 0.8, "hit_at_1": 0.713}
