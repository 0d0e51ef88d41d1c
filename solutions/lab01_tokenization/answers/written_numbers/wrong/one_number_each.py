# mistake: -
written_numbers = {'first': 'English', 'second': 'Chinese', 'characters': 228, 'bytes': 228, 'tokens': 55, 'ratio': 3.22}
