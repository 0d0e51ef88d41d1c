# mistake: -
written_numbers = {'first': 'English', 'second': 'Chinese', 'characters': [59, 228], 'bytes': [177, 228], 'tokens': [177, 57], 'ratio': 0.3220338983050847}
