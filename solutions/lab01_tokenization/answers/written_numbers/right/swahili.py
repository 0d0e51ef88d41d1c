written_numbers = {'first': 'English', 'second': 'Swahili', 'characters': [228, 211], 'bytes': [228, 211], 'tokens': [55, 122], 'ratio': 2.2181818181818183}
