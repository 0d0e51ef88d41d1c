# mistake: -
written_numbers = {"layer": 2, "head": 2, "control": 1, "loss": 1.2097, "loss_without_head": 1.4030, "loss_without_control": 1.2126}
