written_numbers = {"layer": 1, "head": 2, "control": 3, "loss": 1.20970, "loss_without_head": 1.23298, "loss_without_control": 1.20755}
