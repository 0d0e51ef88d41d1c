# mistake: -
written_numbers = {"layer": 1, "head": 1, "control": 0, "loss": 1.7452, "loss_without_head": 2.0241, "loss_without_control": 1.7494}
