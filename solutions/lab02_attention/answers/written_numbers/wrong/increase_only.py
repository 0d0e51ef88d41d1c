# mistake: -
written_numbers = {"layer": 1, "head": 1, "control": 0, "loss": 1.2097, "loss_without_head": 0.193, "loss_without_control": 0.003}
