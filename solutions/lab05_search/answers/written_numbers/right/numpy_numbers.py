import numpy as np

written_numbers = {"questions": [7, 6, 123], "ranks": np.array([2, 4, 14]), "winners": [np.int64(0), 7, 30], "mrr": np.float64(0.8), "hit_at_1": 97 / 136}
