# mistake: -
written_numbers = {'first': 'English', 'second': 'Chinese', 'characters': [228, 59], 'bytes': [228, 177], 'tokens': [55, 177], 'ratio': 0.25877192982456143}
