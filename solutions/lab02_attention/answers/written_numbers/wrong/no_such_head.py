# mistake: -
written_numbers = {"layer": 6, "head": 1, "control": 0, "loss": 1.2097, "loss_without_head": 1.4030, "loss_without_control": 1.2126}
