written_numbers = {"questions": (12, 34, 133), "ranks": (4, 14, 17), "winners": (3, 7, 6), "mrr": 0.8, "hit_at_1": 0.713}
