# mistake: -
written_numbers = {"questions": [8, 35, 105], "ranks": [4, 9, 25], "winners": [18, 2, 26], "mrr": 80.0, "hit_at_1": 71.3}
