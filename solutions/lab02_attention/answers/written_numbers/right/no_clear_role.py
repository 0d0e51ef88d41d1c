written_numbers = {"layer": 0, "head": 3, "control": 0, "loss": 1.20970, "loss_without_head": 1.21132, "loss_without_control": 1.22672}
