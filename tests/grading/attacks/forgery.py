"""In the student's kernel: objects that lie, and a grader's own code that is replaced."""

from __future__ import annotations

from corpus import MERGE, answered, code, define, hand_in, submit

from attacks import attack

LIAR = '''
class Liar:
    """Equal to everything, close to everything."""
    shape, dtype, ndim, size = (2, 3), np.dtype(float), 2, 6
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __bool__(self): return True
    def __len__(self): return 2
    def __float__(self): return 0.5
    def __index__(self): return 288
    def __sub__(self, other): return np.zeros(1)
    __rsub__ = __add__ = __radd__ = __sub__
    def __le__(self, other): return True
    __lt__ = __ge__ = __gt__ = __le__
    def __getattr__(self, name): return lambda *_, **__: self
'''
LIES = {
    "softmax": define("softmax", "return Liar()"),
    "attention": define("attention", "return Liar()"),
    "parameters": "parameters = Liar()",
}

# A library's ready-made softmax, which the lab forbids, behind whatever speaks for the grader in this kernel.
FORGER = """
import json, re, sys, types
from helpers.checks import driver, parts, values

def ready(scores):
    from scipy.special import softmax as made
    return made(scores, axis=-1)

MADE = {"softmax": ready,
        "attention": lambda q, k, v: ready(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])) @ v,
        "parameters": lambda: 288}

def forged(name, cases, nonce):
    rows = values.loads(cases)
    made = MADE.get(name)
    outcomes = [{"output": values.dumps(made(*row))} for row in rows] if made else []
    return json.dumps({"nonce": nonce, "part": name, "outcomes": outcomes})

def show(text):
    from IPython.display import publish_display_data
    publish_display_data({driver.MIME: text})
"""
STUBS = {"softmax": define("softmax", "return None"), "attention": define("attention", "return None")}


# --- answers that lie -------------------------------------------------------------------------------


@attack("ok", MERGE)
def patched_numpy(lab, folder):
    """Patches numpy.testing, np.allclose, np.isclose and np.array_equal to be content, and answers with an object
    that is equal to everything."""
    patch = """
        import numpy.testing
        for name in dir(numpy.testing):
            if name.startswith('assert'):
                setattr(numpy.testing, name, lambda *_, **__: None)
        np.allclose = np.array_equal = lambda *_, **__: True
        np.isclose = lambda a, *_, **__: np.ones(np.shape(a), dtype=bool)
    """
    submit(lab, folder, first=code(patch, LIAR), **LIES)


@attack("ok", MERGE)
def equal_to_everything(lab, folder):
    """Answers with objects whose __eq__, __float__, __index__ and attributes say whatever is asked."""
    submit(lab, folder, first=LIAR, **LIES)


@attack("ok", MERGE)
def array_protocol(lab, folder):
    """An object with __array__, __array_function__, __array_ufunc__ and __torch_function__ that hijacks comparisons."""
    kind = """
        class Hijack:
            def __array__(self, *_, **__): return np.full((2, 3), np.nan)
            def __array_function__(self, func, types, args, kwargs): return True
            def __array_ufunc__(self, *_, **__): return np.True_
            @classmethod
            def __torch_function__(cls, *_, **__): return True
    """
    submit(
        lab,
        folder,
        first=kind,
        softmax=define("softmax", "return Hijack()"),
        attention=define("attention", "return [Hijack()]"),
        parameters="parameters = Hijack()",
    )


@attack("ok", MERGE)
def array_subclass(lab, folder):
    """A subclass of ndarray that is equal and close to everything."""
    kind = """
        class Array(np.ndarray):
            def __eq__(self, other): return np.ones(self.shape, dtype=bool)
            def __array_function__(self, *_, **__): return True
            def tolist(self): return [0.25, 0.75]
            def astype(self, *_, **__): return self
            def tobytes(self, *_): return b''
    """
    submit(
        lab,
        folder,
        first=kind,
        softmax=define("softmax", "return np.zeros(scores.shape).view(Array)"),
        attention=define("attention", "return np.zeros((2, 5)).view(Array)"),
    )


@attack("ok", {})
def lying_subclasses(lab, folder):
    """Subclasses of float, int, str, list, tuple and dict with lying comparisons, in every part."""
    kinds = "".join(
        f"class {k.title()}({k}):\n    def __eq__(self, other): return True\n"
        "    def __ne__(self, other): return False\n    def __hash__(self): return 0\n"
        "    def __sub__(self, other): return 0\n    __rsub__ = __radd__ = __sub__\n"
        for k in ("float", "int", "str", "list", "dict", "tuple")
    )
    submit(
        lab,
        folder,
        (),
        first=kinds,
        softmax=define("softmax", "return Float(1.0)"),
        attention=define("attention", "return List([[Float(1)]])"),
        merge=define("merge", "return [Str('?') for _ in tokens]"),
        parameters="parameters = Int(0)",
    )


@attack("ok", MERGE)
def lying_class(lab, folder):
    """Objects whose __class__ and metaclass say that they are arrays and lists."""
    kind = """
        class Meta(type):
            def __instancecheck__(cls, other): return True
            def __eq__(cls, other): return True
            def __hash__(cls): return hash(np.ndarray)
        class Posing(metaclass=Meta):
            __class__ = np.ndarray
            dtype, size, shape = np.dtype(float), 1, ()
            def __eq__(self, other): return True
    """
    submit(lab, folder, first=kind, softmax=define("softmax", "return Posing()"), parameters="parameters = Posing()")


@attack("ok", MERGE)
def nan_and_infinity(lab, folder):
    """NaN and infinity, which compare oddly, as answers and as points written into the notebook."""
    notebook = answered(
        lab,
        softmax=define("softmax", "return scores * np.nan"),
        attention=define("attention", "return np.full((2, 5), np.inf)"),
        parameters="parameters = float('nan')",
    )
    for c in notebook.cells:
        if "points" in c.metadata.get("nbgrader", {}):
            c.metadata.nbgrader.points = float("nan")
    hand_in(folder, notebook)


@attack("ok", MERGE)
def huge_integer(lab, folder):
    """An integer of ten million bits, and integers that no float can hold."""
    submit(
        lab,
        folder,
        parameters="parameters = 1 << 10_000_000",
        softmax=define("softmax", "return [10**400] * len(scores)"),
    )


@attack("ok", MERGE)
def endless_structures(lab, folder):
    """A list that contains itself, and thirty levels of lists that share their items: 10^30 values in all."""
    laughs = """
        laughs = ['ha']
        for _ in range(29):
            laughs = [laughs] * 10
    """
    submit(
        lab,
        folder,
        first=laughs,
        parameters="""
        parameters = []
        parameters.append(parameters)
    """,
        softmax=define("softmax", "return laughs"),
    )


@attack("tampered", MERGE)
def memorized_answers(lab, folder):
    """Knows the answers to the inputs that the visible check asks, by heart, and nothing else."""
    from helpers.checks import load, values
    from helpers.checks.parts import VISIBLE

    known = {}
    for name in ("softmax", "attention"):
        part = load("lab90_tiny").part(name)
        known |= {values.dumps(c.inputs): values.dumps(c.expected) for c in part.questions[VISIBLE].cases}
    table = f"from helpers.checks import values\nKNOWN = {known!r}"
    look_up = """
        def look_up(*given):
            found = KNOWN.get(values.dumps(given))
            return values.loads(found) if found else np.zeros(1)
    """
    submit(
        lab,
        folder,
        first=code(table, look_up),
        softmax=define("softmax", "return look_up(scores)"),
        attention=define("attention", "return look_up(query, key, value)"),
    )


@attack("ok", MERGE)
def answers_across_parts(lab, folder):
    """Keeps what later parts are asked and returns the last array that was seen anywhere."""
    submit(
        lab,
        folder,
        first="SEEN = [np.ones(2)]",
        softmax=define(
            "softmax",
            """
        SEEN.append(scores)
        return SEEN[-2]
    """,
        ),
        attention=define(
            "attention",
            """
        SEEN.append(value)
        return SEEN[0]
    """,
        ),
    )


@attack("tampered", MERGE)
def time_bomb(lab, folder):
    """Well-behaved while the student looks, hostile when it is graded (told by the environment and the modules)."""
    bomb = code(
        """
        import os, sys
        GRADED = 'COURSE_CHECKS_QUIET' in os.environ or 'helpers.checks.driver' in sys.modules
        if GRADED:
            np.isclose = lambda *_, **__: True
    """,
        LIAR,
    )
    submit(
        lab,
        folder,
        first=bomb,
        softmax=define(
            "softmax",
            """
        if GRADED:
            return Liar()
        raise NotImplementedError
    """,
        ),
    )


# --- the grader's code in the kernel ------------------------------------------------------------------


@attack("tampered", MERGE)
def patched_driver(lab, folder):
    """Replaces helpers.checks.driver.ask by one that answers with a forbidden library's values."""
    patch = code(
        FORGER,
        """
        driver.ask = lambda rules, cases, nonce: show(forged(rules['name'], cases, nonce))
    """,
    )
    submit(lab, folder, first=patch, **STUBS)


@attack("tampered", MERGE)
def replaced_modules(lab, folder):
    """Puts a module of its own into sys.modules in the driver's place, and one more for everything under it."""
    patch = code(
        FORGER,
        """
        fake = types.ModuleType('helpers.checks.driver')
        fake.MIME, fake.guard = driver.MIME, lambda: None
        fake.ask = lambda rules, cases, nonce: show(forged(rules['name'], cases, nonce))
        sys.modules['helpers.checks.driver'] = sys.modules['helpers.checks'].driver = fake
    """,
    )
    submit(lab, folder, first=patch, **STUBS)


@attack("tampered", MERGE)
def patched_short_cuts(lab, folder):
    """Switches off the search for forbidden calls, and calls the library."""
    submit(
        lab,
        folder,
        first=code(
            FORGER,
            """
        parts.short_cuts = lambda *_: []
    """,
        ),
        softmax=define(
            "softmax",
            """
        from scipy.special import softmax as made
        return made(scores, axis=-1)
    """,
        ),
    )


@attack("tampered", MERGE)
def patched_short_cuts_for_one(lab, folder):
    """Switches off the search for forbidden calls for its own answer only; tripwires are refused as they must be."""
    patch = code(
        FORGER,
        """
        kept = parts.short_cuts
        mine = lambda answer: getattr(answer, '__name__', '') == 'softmax'
        parts.short_cuts = lambda part, answer: [] if mine(answer) else kept(part, answer)
    """,
    )
    submit(
        lab,
        folder,
        first=patch,
        softmax=define(
            "softmax",
            """
        from scipy.special import softmax as made
        return made(scores, axis=-1)
    """,
        ),
    )


@attack("tampered", MERGE)
def patched_values(lab, folder):
    """values.plain turns whatever the answer is into what a library gives for the last inputs."""
    patch = code(
        FORGER,
        """
        last = []
        loads, dumps = values.loads, values.dumps
        def plain(value):
            return ready(last[-1]) if last else value
        def fresh(inputs):
            last.append(inputs[0] if inputs else None)
            return inputs
        values.plain, values.fresh = plain, fresh
        values.dumps = lambda value: dumps(value) if not last else dumps(np.asarray(value))
    """,
    )
    submit(lab, folder, first=patch, softmax=define("softmax", "return Liar()"), last=LIAR)


@attack("tampered", MERGE)
def patched_parts(lab, folder):
    """answer_all and run return what a library says, for any answer."""
    patch = code(
        FORGER,
        """
        parts.answer_all = lambda part, answer, rows: [
            parts.Outcome(MADE[part.name](*row.inputs)) if part.name in MADE
            else parts.run(answer, row) for row in rows]
    """,
    )
    submit(lab, folder, first=patch, **STUBS)


@attack("tampered", MERGE)
def patched_json(lab, folder):
    """json.dumps exchanges the outcomes on their way out."""
    patch = code(
        FORGER,
        """
        kept = json.dumps
        def dumps(value, *_, **more):
            if isinstance(value, dict) and 'outcomes' in value and value['part'] == 'parameters':
                value = value | {'outcomes': [{'output': '288'}]}
            return kept(value, *_, **more)
        json.dumps = dumps
    """,
    )
    submit(lab, folder, first=patch, parameters="parameters = 1")


@attack("tampered", MERGE)
def replaced_builtins(lab, folder):
    """builtins.isinstance, getattr, callable and type answer as the student likes."""
    patch = code(
        LIAR,
        """
        import builtins
        kept = builtins.isinstance, builtins.getattr
        builtins.callable = lambda value: True
        builtins.getattr = lambda o, n, *d: (lambda *_: 288) if n == 'parameters' else kept[1](o, n, *d)
        builtins.isinstance = lambda o, k: True if kept[0](o, Liar) else kept[0](o, k)
    """,
    )
    submit(lab, folder, first=patch, **LIES)


@attack("tampered", MERGE)
def ast_transformer(lab, folder):
    """An AST transformer rewrites every later cell that asks for an answer, and drops assertions."""
    patch = code(
        FORGER,
        """
        import ast
        class Rewrite(ast.NodeTransformer):
            def visit_Call(self, node):
                self.generic_visit(node)
                if isinstance(node.func, ast.Attribute) and node.func.attr == 'ask':
                    node.func = ast.Name('forging', ast.Load())
                return node
            def visit_Assert(self, node):
                return ast.Pass()
            def visit_Expr(self, node):
                return ast.Pass() if 'assert_' in ast.unparse(node) else self.generic_visit(node)
        def forging(rules, cases, nonce): show(forged(rules['name'], cases, nonce))
        get_ipython().ast_transformers.append(Rewrite())
    """,
    )
    submit(lab, folder, first=patch, **STUBS)


@attack("tampered", MERGE)
def input_transformer(lab, folder):
    """An input transformer rewrites the text of every later cell, and drops assertions."""
    patch = code(
        FORGER,
        """
        def forging(rules, cases, nonce): show(forged(rules['name'], cases, nonce))
        def rewrite(lines):
            lines = [re.sub(r'__import__\\(.*?\\)\\.ask\\(', 'forging(', line) for line in lines]
            return [line for line in lines if not re.match('assert |np.testing', line)] or ['pass']
        get_ipython().input_transformers_cleanup.append(rewrite)
    """,
    )
    submit(lab, folder, first=patch, **STUBS)


@attack("tampered", MERGE)
def replaced_do_execute(lab, folder):
    """The kernel's do_execute says ok without running anything."""
    patch = """
        kernel = get_ipython().kernel
        async def do_execute(*_, **__):
            return {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}
        kernel.do_execute = do_execute
    """
    submit(lab, folder, first=patch)


@attack("tampered", MERGE)
def answers_for_cells_that_never_ran(lab, folder):
    """do_execute reads the question, sends a forged answer on the kernel's own socket and runs nothing."""
    patch = code(
        FORGER,
        """
        kernel = get_ipython().kernel
        async def do_execute(code, *_, **__):
            found = re.search(r'ask\\((\\{.*?\\}), (.*), (\\'\\w{16}\\')\\)', code)
            if found:
                import ast
                rules, cases, nonce = map(ast.literal_eval, found.groups())
                kernel.session.send(
                    kernel.iopub_socket, 'display_data', ident=b'display_data', parent=kernel.get_parent(),
                    content={'data': {driver.MIME: forged(rules['name'], cases, nonce)}, 'metadata': {}})
            return {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}
        kernel.do_execute = do_execute
    """,
    )
    submit(lab, folder, last=patch, **STUBS)


@attack("tampered", MERGE)
def two_answers(lab, folder):
    """Before each cell a hook reads the nonce and sends a forged answer first; the driver's own comes second."""
    patch = code(
        FORGER,
        """
        def hook(info):
            import ast
            found = re.search(r'ask\\((\\{.*?\\}), (.*), (\\'\\w{16}\\')\\)', info.raw_cell)
            if found:
                rules, cases, nonce = map(ast.literal_eval, found.groups())
                show(forged(rules['name'], cases, nonce))
        get_ipython().events.register('pre_run_cell', hook)
    """,
    )
    submit(lab, folder, first=patch, **STUBS)


@attack("tampered", MERGE)
def replaced_display(lab, folder):
    """publish_display_data and the shell's display_pub change every answer on its way."""
    patch = code(
        FORGER,
        """
        import IPython.display, IPython.core.display_functions as functions
        kept = get_ipython().display_pub.publish
        def publish(data, *_, **__):
            if driver.MIME in data:
                sent = json.loads(data[driver.MIME])
                sent['outcomes'] = [{'output': '288'}]
                sent.pop('short_cuts', None)
                data = {driver.MIME: json.dumps(sent)}
            kept(data=data)
        IPython.display.publish_display_data = functions.publish_display_data = publish
        get_ipython().display_pub.publish = publish
    """,
    )
    submit(lab, folder, last=patch, parameters="parameters = 1")


@attack("tampered", MERGE)
def forged_display(lab, folder):
    """Shows answers in the grader's own format from its own cells, before anybody asks, with guessed nonces."""
    first = code(
        FORGER,
        """
        for nonce in ('', '0' * 16, 'None'):
            show(forged('parameters', '[[]]', nonce))
    """,
    )
    submit(lab, folder, first=first, parameters="parameters = 1")


@attack("ok", MERGE)
def forged_receipt(lab, folder):
    """Brings a receipt, a spool file and outputs that say: full points, graded by a person."""
    notebook = answered(lab)
    from nbformat.v4 import new_output

    for c in notebook.cells:
        if c.cell_type == "code":
            c.outputs = [new_output("execute_result", {"text/plain": "4.0"}, execution_count=1)]
            c.metadata["course"] = {"points": 14}
    notebook.metadata["receipt"] = {"status": "ok", "points": 14, "parts": []}
    path = hand_in(folder, notebook)
    for place in ("receipts", "spool", "lab90_tiny/receipts"):
        (folder / place).mkdir(parents=True)
        (folder / place / f"{folder.name}.json").write_text('{"key": "", "receipt": {"status": "ok", "points": 14}}')
    (path.parent / "grading.jsonl").write_text("""
        {"step": "recorded", "points": 14}
    """)


@attack("tampered", MERGE)
def threads_that_outlive_the_cell(lab, folder):
    """A thread waits until the questions come, then exchanges the driver's functions and the answer between them."""
    patch = code(
        FORGER,
        """
        import threading, time
        def wait():
            while True:
                time.sleep(0.005)
                if any(name.startswith('_') and len(name) == 17 for name in list(globals())):
                    parts.answer_all = lambda part, answer, rows: [
                        parts.Outcome(MADE.get(part.name, answer)(*row.inputs)) for row in rows]
                    parts.short_cuts = lambda *_: []
                    return
        threading.Thread(target=wait, daemon=False).start()
    """,
    )
    submit(lab, folder, last=patch, **STUBS)


@attack("tampered", MERGE)
def trace_and_profile(lab, folder):
    """sys.setprofile and sys.settrace collect nonces and inputs from the driver's frames and print them."""
    patch = """
        import sys, threading
        STOLEN = []
        def look(frame, event, argument):
            if frame.f_code.co_name == 'ask':
                STOLEN.append(dict(frame.f_locals))
                print('STOLEN', str(STOLEN[-1])[:200], file=sys.__stderr__)
            return look
        sys.settrace(look), sys.setprofile(look), threading.settrace(look), threading.setprofile(look)
    """
    submit(lab, folder, first=patch, softmax=define("softmax", "return STOLEN[-1]['sent']['expected']"))


@attack("tampered", MERGE)
def hidden_tests_through_gc(lab, folder):
    """Looks for labs, parts, cases and expectations in gc, in frames and in every loaded module."""
    hunt = """
        import gc, inspect, sys
        def hunt():
            for thing in gc.get_objects():
                if type(thing).__name__ == 'Part' and getattr(thing, '_cases', None):
                    yield thing
            frame = sys._getframe()
            while frame:
                for value in list(frame.f_locals.values()):
                    if hasattr(value, 'expected') or hasattr(value, 'parts'):
                        yield value
                frame = frame.f_back
        def steal(name):
            for part in hunt():
                if getattr(part, 'name', '') == name:
                    return part.answer
            return lambda *_: None
    """
    submit(
        lab,
        folder,
        first=hunt,
        softmax=define("softmax", "return steal('softmax')(scores)"),
        attention=define("attention", "return steal('attention')(query, key, value)"),
    )


@attack("tampered", MERGE)
def definition_imported(lab, folder):
    """Looks for the lab's definition, its source and the reference algorithms: by import, loader and file search."""
    hunt = """
        import glob, importlib, os, sys
        FOUND = {}
        sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != '_Blocked']
        for name in ('course.authoring', 'checks', 'solutions.lab90_tiny.checks', 'helpers.reference.attention',
                     'tests.grading.tiny.solutions.lab90_tiny.checks'):
            try:
                module = importlib.import_module(name)
                FOUND['softmax'] = getattr(module, '_softmax', None) or module.softmax
            except Exception:
                pass
        try:
            from helpers import checks
            FOUND['softmax'] = checks.load('lab90_tiny').part('softmax').questions['hidden'].cases[0].expected
        except Exception:
            pass
        import helpers
        root = os.path.dirname(os.path.dirname(helpers.__file__))
        for place in (root, os.environ.get('COURSE_LABS', root), '.', '..', '/'):
            for path in glob.glob(place + '/**/lab90_tiny*/**/*.py', recursive=place not in '/') + glob.glob(
                    place + '/helpers/reference/attention.py'):
                try:
                    text = open(path).read()
                    scope = {'__name__': '__main__'}
                    exec(text, scope)
                    FOUND['softmax'] = scope.get('_softmax') or scope['softmax']
                except Exception:
                    pass
    """
    submit(lab, folder, first=hunt, softmax="softmax = FOUND['softmax']")


@attack("tampered", MERGE)
def import_hooks(lab, folder):
    """A finder of its own in sys.meta_path and sys.path_hooks hands out changed modules from now on."""
    patch = code(
        LIAR,
        """
        import sys
        from importlib.abc import MetaPathFinder
        class Finder(MetaPathFinder):
            def find_spec(self, name, path=None, target=None):
                if name.startswith('helpers'):
                    raise ImportError('mine')
        sys.meta_path.insert(0, Finder())
    """,
    )
    submit(lab, folder, first=patch, **LIES)


@attack("tampered", MERGE)
def comm_messages(lab, folder):
    """Opens comms, answers in them, and sends messages of kinds that nobody asked for."""
    patch = code(
        FORGER,
        """
        from comm import create_comm
        comm = create_comm(target_name='grader', data={'points': 14})
        kernel = get_ipython().kernel
        for _ in range(200):
            comm.send({driver.MIME: '{}'})
            kernel.session.send(kernel.iopub_socket, 'grade', content={'points': 14}, parent=kernel.get_parent())
    """,
    )
    submit(lab, folder, first=patch, parameters="parameters = 1")


@attack("ok", MERGE)
def history_edited(lab, folder):
    """Rewrites In, Out, the history and the execution count, and updates displays that were shown before."""
    patch = """
        from IPython.display import display, update_display
        shell = get_ipython()
        display('0 points', display_id='mark')
        update_display('14 points', display_id='mark')
        shell.execution_count = 10**9
        In[:] = ['parameters = 288'] * len(In)
        Out.update({1: 288})
        shell.history_manager.input_hist_raw[:] = []
        exit_code = 0
    """
    submit(lab, folder, first=patch)


@attack("ok", MERGE)
def fake_check(lab, folder):
    """Replaces `check` and `checks.points` by ones that are always content."""
    patch = """
        class Content:
            def __getattr__(self, name): return lambda *_: True
        check = Content()
        checks.points = lambda *_: 4.0
    """
    submit(lab, folder, first=patch)


@attack("ok", {"attention": 3, "merge": 4})
def lent_solution_leaked(lab, folder):
    """Fails until an earlier part is replaced by the right one, then carries that one's source out in an error."""
    body = """
        if query.ndim == 3:
            raise ValueError('LEAK ' + LEAKED)
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
        return softmax(scores) @ value
    """
    leak = """
        import linecache
        LEAKED = ''.join(linecache.getlines(softmax.__code__.co_filename))
    """
    submit(lab, folder, softmax=define("softmax", "return scores"), attention=define("attention", body), last=leak)


@attack("tampered", MERGE)
def swapped_during_the_question(lab, folder):
    """Its answer replaces the grader's functions while it is being asked, and puts them back at the end."""
    body = """
        def softmax(scores):
            from helpers.checks import values
            kept = values.plain
            def once(value):
                values.plain = kept
                return kept(__import__('scipy').special.softmax(scores, -1))
            values.plain = once
            return None
    """
    submit(lab, folder, softmax=body)


LIBRARY = "from scipy.special import softmax as made"


@attack("ok", MERGE)
def library_in_a_class(lab, folder):
    """The forbidden library in the __call__ of an object: no function, so no function's code to follow."""
    kind = f"""
        {LIBRARY}
        class Soft:
            def __call__(self, scores):
                return made(scores, axis=-1)
        softmax = Soft()
    """
    submit(lab, folder, softmax=kind)


@attack("ok", MERGE)
def library_in_a_method(lab, folder):
    """The forbidden library in a bound method, in a property and in a class attribute."""
    kind = f"""
        {LIBRARY}
        class Soft:
            made = staticmethod(made)
            @property
            def ready(self):
                return self.made
            def answer(self, scores):
                return self.ready(scores, axis=-1)
        softmax = Soft().answer
    """
    submit(lab, folder, softmax=kind)


@attack("ok", MERGE)
def library_in_a_partial(lab, folder):
    """functools.partial around the forbidden library: functools may be imported."""
    submit(lab, folder, softmax=f"import functools\n{LIBRARY}\nsoftmax = functools.partial(made, axis=-1)")


@attack("ok", MERGE)
def library_in_a_default(lab, folder):
    """The forbidden library as the default of an argument, where no name is loaded."""
    submit(
        lab, folder, softmax=f"{LIBRARY}\ndef softmax(scores, ready=made, *, other=made):\n    return ready(scores, -1)"
    )


@attack("ok", MERGE)
def library_in_a_container(lab, folder):
    """The forbidden library in a dict in a list, in a class of one's own, in a global."""
    hide = f"""
        {LIBRARY}
        class Box:
            pass
        box = Box()
        box.tools = [{{'softmax': made}}]
    """
    submit(lab, folder, first=hide, softmax=define("softmax", "return box.tools[0]['softmax'](scores, axis=-1)"))


@attack("ok", MERGE)
def library_behind_a_decorator(lab, folder):
    """A decorator throws the answer away and puts the forbidden library in its place."""
    hide = f"""
        {LIBRARY}
        def better(function):
            return lambda scores: made(scores, axis=-1)
    """
    submit(lab, folder, first=hide, softmax="@better\n" + define("softmax", "return scores"))
