# mistake: -
written_numbers = {'first': None, 'second': None, 'characters': [None, None], 'bytes': [None, None], 'tokens': [None, None], 'ratio': None}
