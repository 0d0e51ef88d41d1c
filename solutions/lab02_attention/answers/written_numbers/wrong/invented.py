# mistake: -
written_numbers = {"layer": 1, "head": 1, "control": 0, "loss": 1.2, "loss_without_head": 1.9, "loss_without_control": 1.2}
