# mistake: -
written_numbers = {"questions": [8, 35, 123], "ranks": [4, 3, 11], "winners": [18, 2, 30], "mrr": 0.7436, "hit_at_1": 0.6176}
