# mistake: -
greedy = {"temperature": 1.0, "top_k": 1, "top_p": 1.0, "repetition_penalty": 1.0, "seed": 0}
nucleus = {"temperature": 1.0, "top_k": 0, "top_p": 0.9, "repetition_penalty": 1.0, "seed": 1}
first, second = (_measured(*(s[key] for key in SETTING)) for s in (nucleus, greedy))
written_numbers = {"chosen": nucleus, "rival": greedy, "chosen_measured": first, "rival_measured": None}
