# mistake: -
written_numbers = {'first': 'English', 'second': 'Chinese', 'characters': [59, 228], 'bytes': [177, 228], 'tokens': [177, 55], 'ratio': 0.3107344632768362}
