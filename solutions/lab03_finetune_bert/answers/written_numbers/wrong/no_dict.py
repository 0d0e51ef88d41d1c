# mistake: -
written_numbers = [[[48, 16], [15, 49]], 0.758, 0.684, 0.832]
