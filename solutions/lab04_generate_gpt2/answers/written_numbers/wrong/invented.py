# mistake: -
written_numbers = {
    "chosen": {"temperature": 0.7, "top_k": 50, "top_p": 1.0, "repetition_penalty": 1.2, "seed": 3},
    "rival": {"temperature": 1.0, "top_k": 1, "top_p": 1.0, "repetition_penalty": 1.0, "seed": 3},
    "chosen_measured": {"log_probability": -0.5, "distinct_2": 0.99, "repeated_3": 0.0},
    "rival_measured": {"log_probability": -4.5, "distinct_2": 0.2, "repeated_3": 0.9},
}
