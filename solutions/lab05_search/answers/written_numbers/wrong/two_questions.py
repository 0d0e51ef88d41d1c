# mistake: -
written_numbers = {"questions": [8, 35], "ranks": [4, 9], "winners": [18, 2], "mrr": 0.8, "hit_at_1": 0.713}
