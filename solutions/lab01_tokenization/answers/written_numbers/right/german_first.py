written_numbers = {'first': 'German', 'second': 'Russian', 'characters': (251, 185), 'bytes': (255, 333), 'tokens': (123, 333), 'ratio': 2.71}
