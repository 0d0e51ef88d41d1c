# mistake: -
written_numbers = {'first': 'English', 'second': 'Chinese', 'characters': 228, 'bytes': 228, 'tokens': 57, 'ratio': 3.11}
