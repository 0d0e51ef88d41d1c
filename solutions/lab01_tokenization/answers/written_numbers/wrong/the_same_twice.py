# mistake: -
written_numbers = {'first': 'English', 'second': 'English', 'characters': [228, 228], 'bytes': [228, 228], 'tokens': [55, 55], 'ratio': 1.0}
