# mistake: -
written_numbers = {'first': 'English', 'second': 'Chinese', 'characters': [228, 177], 'bytes': [228, 59], 'tokens': [55, 177], 'ratio': 3.22}
