# mistake: -
written_numbers = {"layer": 1, "head": 1, "control": None, "loss": 1.2097, "loss_without_head": 1.4030, "loss_without_control": None}
