written_numbers = {"questions": (15, 34, 172), "ranks": (2, 20, 21), "winners": (40, 40, 67), "mrr": 0.747, "hit_at_1": 0.646}
