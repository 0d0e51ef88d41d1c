written_numbers = {'first': 'English', 'second': 'Swahili', 'characters': [228, 211], 'bytes': [228, 211], 'tokens': [57, 123], 'ratio': 2.1578947368421053}
