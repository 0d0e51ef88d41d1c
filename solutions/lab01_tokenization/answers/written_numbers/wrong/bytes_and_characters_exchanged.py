# mistake: -
written_numbers = {'first': 'English', 'second': 'Chinese', 'characters': [228, 177], 'bytes': [228, 59], 'tokens': [57, 177], 'ratio': 3.11}
