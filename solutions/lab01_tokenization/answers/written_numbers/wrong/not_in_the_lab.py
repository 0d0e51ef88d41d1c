# mistake: -
written_numbers = {'first': 'English', 'second': 'French', 'characters': [228, 59], 'bytes': [228, 177], 'tokens': [55, 177], 'ratio': 3.22}
