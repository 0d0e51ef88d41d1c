# mistake: -
written_numbers = {'first': 'English', 'second': 'English', 'characters': [228, 228], 'bytes': [228, 228], 'tokens': [57, 57], 'ratio': 1.0}
