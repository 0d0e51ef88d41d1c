written_numbers = {"layer": 1, "head": 1, "control": 0, "loss": 1.20970, "loss_without_head": 1.40296, "loss_without_control": 1.21308}
