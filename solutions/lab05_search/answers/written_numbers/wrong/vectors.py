# mistake: -
written_numbers = {"questions": [8, 20, 162], "ranks": [16, 21, 11], "winners": [18, 43, 29], "mrr": 0.6014, "hit_at_1": 0.4457}
