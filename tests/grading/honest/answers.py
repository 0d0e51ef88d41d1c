"""Answers that are written as nobody expected, and cells that do what nobody asked for."""

from __future__ import annotations

from corpus import FULL, RIGHT, answered, define, hand_in, insert, solved

from honest import honest

NO_SOFTMAX = FULL | {"softmax": 0}


@honest("ok", FULL)
def everything_right(lab, folder):
    """The lab as it is meant."""
    hand_in(folder, solved(lab))


@honest("ok", {}, flags=["no answer was changed: is it the right file?"])
def untouched(lab, folder):
    """Handed in as it was handed out."""
    hand_in(folder, lab)


@honest("ok", {"merge": 4, "parameters": 3})
def half_written(lab, folder):
    """Two parts written, two left as they were."""
    hand_in(folder, answered(lab, ("merge", "parameters")))


@honest("ok", {"softmax": 2, "attention": 4, "merge": 2, "parameters": 0})
def partly_right(lab, folder):
    """A softmax that overflows, a merge that takes a token twice where pairs overlap, a count without biases."""
    notebook = solved(
        lab,
        softmax=define("softmax", "e = np.exp(scores)\nreturn e / e.sum(axis=-1, keepdims=True)"),
        merge="""
            def merge(tokens, pair):
                merged = []
                for i, token in enumerate(tokens):
                    if i and (tokens[i - 1], token) == tuple(pair):
                        merged[-1] = "".join(pair)
                    else:
                        merged.append(token)
                return merged
        """,
        parameters="parameters = 4 * 8 * 8",
    )
    hand_in(folder, notebook)


@honest("ok", NO_SOFTMAX | {"attention": 4})
def leans_on_a_wrong_part(lab, folder):
    """The softmax is wrong, the attention that uses it is right: tried with a right softmax, it keeps its points."""
    hand_in(folder, solved(lab, softmax=define("softmax", "return scores / scores.sum(axis=-1, keepdims=True)")))


@honest("ok", FULL | {"attention": 0})
def one_answer_raises(lab, folder):
    """One answer divides by zero, in one part only."""
    hand_in(folder, solved(lab, attention=define("attention", "return softmax(query) @ (1 // 0)")))


@honest("ok", FULL | {"attention": 0})
def one_cell_fails(lab, folder):
    """A typing mistake: the cell of one answer does not even compile."""
    hand_in(folder, solved(lab, attention="def attention(query, key, value)\n    return softmax(query"))


@honest("ok", FULL)
def warnings_on_stderr(lab, folder):
    """Warnings, log lines and plain stderr: when a cell runs, and each time the answer is called."""
    softmax = """
        print("calculating")
        np.log(np.zeros(1))  # RuntimeWarning: divide by zero
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return shares / shares.sum(axis=-1, keepdims=True)
    """
    notebook = solved(lab, softmax=define("softmax", softmax))
    insert(
        notebook,
        "import logging, sys, warnings\nwarnings.warn('old')\nnp.log(0)\nlogging.warning('careful')\n"
        "print('to stderr', file=sys.stderr)",
        "start",
    )
    hand_in(folder, notebook)


@honest("ok", FULL)
def progress_bars(lab, folder):
    """tqdm bars in cells of one's own, written by hand where tqdm is not there."""
    notebook = solved(lab)
    insert(
        notebook,
        (
            "import sys, time\ntry:\n    from tqdm.auto import tqdm\nexcept ImportError:\n    tqdm = lambda x, **_: x\n"
            "for _ in tqdm(range(50), desc='trying'):\n    softmax(np.zeros(3))\n"
            "for i in range(50):\n    print(f'\\r{i}%|', end='', file=sys.stderr)"
        ),
        "softmax-test",
    )
    hand_in(folder, notebook)


@honest("ok", FULL)
def chinese_text(lab, folder):
    """Chinese and Hebrew text, comments, names and emoji in code, prints, Markdown and the written answer."""
    notebook = solved(
        lab,
        written="方差随 d_k 增长；很大的分数使 softmax 接近 one-hot，梯度几乎为零。שונות 😀",
        softmax=define(
            "softmax",
            """
        # 先减去每行的最大值，避免溢出
        指数 = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return 指数 / 指数.sum(axis=-1, keepdims=True)  # 每行之和为一 😀
    """,
        ),
    )
    insert(notebook, "# 我的笔记\n\n注意力 = 加权平均 🙂", "start", "markdown")
    insert(notebook, "变量 = '你好，世界'\nprint(变量, '‏שלום')", "start")
    hand_in(folder, notebook)


@honest("ok", FULL)
def slow_but_within_limits(lab, folder):
    """Cells that think for some seconds, and an answer that takes its time on each call."""
    slow = "    for _ in range(1_000_000):\n        pass\n"
    notebook = solved(lab, merge=RIGHT["merge"].replace("    merged, i", f"{slow}    merged, i"))
    insert(notebook, "import time\ntime.sleep(3)", "start")
    hand_in(folder, notebook)


@honest("ok", FULL)
def own_functions_in_cells_of_their_own(lab, folder):
    """The answers call functions that stand in extra cells before them."""
    notebook = solved(lab, softmax=define("softmax", "return normalized(exponentials(scores))"))
    insert(notebook, "def exponentials(x):\n    return np.exp(x - biggest(x))", "start")
    insert(
        notebook,
        "def normalized(x):\n    return x / x.sum(axis=-1, keepdims=True)\n\n"
        "def biggest(x):\n    return np.max(x, axis=-1, keepdims=True)",
        "start",
    )
    hand_in(folder, notebook)


@honest("ok", FULL)
def helpers_in_the_answer_cell(lab, folder):
    """Helpers, a constant and a lambda in the answer's cell; the name that is asked for is bound at the end."""
    hand_in(
        folder,
        solved(
            lab,
            attention=(
                "HALF = 0.5\n\ndef root(x):\n    return x**HALF\n\n"
                "scaled = lambda q, k: q @ np.swapaxes(k, -1, -2) / root(q.shape[-1])\n\n"
                "def mine(query, key, value):\n    return softmax(scaled(query, key)) @ value\n\n"
                "attention = mine"
            ),
        ),
    )


@honest("ok", FULL)
def types_and_docstrings(lab, folder):
    """Type hints, docstrings with tests in them, a default argument, a decorator of one's own, assert statements."""
    hand_in(
        folder,
        solved(
            lab,
            softmax='''
        def logged(function):
            def inner(*arguments):
                return function(*arguments)
            return inner

        @logged
        def softmax(scores: "np.ndarray", axis: int = -1) -> "np.ndarray":
            """Turn scores into shares.

            >>> softmax(np.zeros(2))
            array([0.5, 0.5])
            """
            assert scores.ndim >= 1, "no scalars"
            shifted: np.ndarray = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
            shares = shifted / np.sum(shifted, axis=axis, keepdims=True)
            assert np.allclose(shares.sum(axis=axis), 1)
            return shares
    ''',
        ),
    )


@honest("ok", FULL)
def a_class_and_recursion(lab, folder):
    """A class with __call__-free methods, recursion, a generator expression and a while loop with a walrus."""
    hand_in(
        folder,
        solved(
            lab,
            merge="""
        class Merger:
            def __init__(self, pair):
                self.pair = tuple(pair)

            def run(self, tokens):
                if len(tokens) < 2:
                    return list(tokens)
                if (tokens[0], tokens[1]) == self.pair:
                    return [tokens[0] + tokens[1], *self.run(tokens[2:])]
                return [tokens[0], *self.run(tokens[1:])]

        def merge(tokens, pair):
            return Merger(pair).run(tuple(tokens))
    """,
        ),
    )


@honest("ok", FULL)
def other_number_types(lab, folder):
    """float32 arrays, nested lists of floats, tuples of strings, a NumPy integer."""
    softmax = """
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return (shares / shares.sum(axis=-1, keepdims=True)).astype(np.float32)
    """
    notebook = solved(
        lab,
        softmax=define("softmax", softmax),
        attention=RIGHT["attention"].replace("softmax(scores) @ value", "(softmax(scores) @ value).tolist()"),
        merge=RIGHT["merge"].replace("return merged", "return tuple(merged)"),
        parameters="parameters = np.int64(288)",
    )
    hand_in(folder, notebook)


@honest("ok", FULL)
def own_random_numbers(lab, folder):
    """Seeds and draws random numbers in cells and in an answer, and changes NumPy's print options and error state."""
    notebook = solved(lab)
    insert(
        notebook,
        "np.random.seed(1234)\nnp.set_printoptions(precision=2)\nnp.seterr(all='raise')\nimport random\nrandom.seed(0)",
        "start",
    )
    insert(notebook, "x = np.random.normal(size=(3, 4))\nassert np.allclose(softmax(x).sum(-1), 1)", "softmax-test")
    hand_in(folder, notebook)


@honest("ok", FULL)
def inputs_changed_in_place(lab, folder):
    """The answer works in place on the array that it is given."""
    hand_in(
        folder,
        solved(
            lab,
            softmax=define(
                "softmax",
                """
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        return scores
    """,
            ),
        ),
    )


@honest("ok", FULL)
def compares_with_a_library(lab, folder):
    """A cell of one's own compares with a library's softmax: allowed there, not in the answer."""
    notebook = solved(lab)
    insert(
        notebook,
        "try:\n    from scipy.special import softmax as theirs\n    x = np.arange(6.0).reshape(2, 3)\n"
        "    assert np.allclose(theirs(x, axis=-1), softmax(x))\nexcept ImportError:\n    print('none')",
        "softmax-test",
    )
    hand_in(folder, notebook)


@honest("ok", NO_SOFTMAX)
def calls_the_library(lab, folder):
    """Uses a library's softmax in good faith: that part is refused, the others count."""
    hand_in(
        folder,
        solved(
            lab,
            softmax="from scipy.special import softmax as theirs\n\n"
            "def softmax(scores):\n    return theirs(scores, axis=-1)",
        ),
    )


@honest("ok", FULL)
def prints_in_answers(lab, folder):
    """Debugging prints left in every answer."""
    hand_in(
        folder,
        solved(
            lab,
            **{
                name: RIGHT[name].replace("\n    return", f"\n    print('{name}', locals())\n    return")
                for name in ("softmax", "attention", "merge")
            },
        ),
    )


# --- earlier parts that are missing ---------------------------------------------------------------------


@honest("ok", NO_SOFTMAX)
def first_part_untouched(lab, folder):
    """The softmax was never written, the attention that uses it is right: tried with a right one, it counts."""
    hand_in(folder, answered(lab, ("attention", "merge", "parameters")))


@honest("ok", NO_SOFTMAX)
def first_part_deleted(lab, folder):
    """The cell of the softmax is gone, with its test."""
    notebook = solved(lab)
    notebook.cells = [c for c in notebook.cells if c.id not in ("softmax", "softmax-test")]
    hand_in(folder, notebook)


@honest("ok", NO_SOFTMAX, flags=["softmax: took too long and was stopped"])
def first_part_never_ends(lab, folder):
    """A loop without an end in the softmax: the attention that uses it keeps its points."""
    hand_in(folder, solved(lab, softmax=define("softmax", "at = 0\nwhile at < 1:\n    at += 0\nreturn scores")))


@honest("ok", FULL | {"attention": 0}, flags=["attention: took too long and was stopped"])
def a_later_part_never_ends(lab, folder):
    """A loop without an end in the attention."""
    hand_in(folder, solved(lab, attention=define("attention", "while True:\n    query = softmax(query)")))


@honest("ok", FULL | {"softmax": 0})
def defined_twice_and_wrong_below(lab, folder):
    """A cell at the end defines the softmax once more, and wrongly; with a right one the attention counts."""
    notebook = solved(lab)
    insert(notebook, "def softmax(scores):\n    return scores", "progress")
    hand_in(folder, notebook)


# --- cells that end the kernel ----------------------------------------------------------------------------

AGAIN = "ended the kernel: killed ({}). It ran again without the student's own cells from there on"


@honest("ok", FULL)
def exit_at_the_end(lab, folder):
    """exit() in the last cell."""
    hand_in(folder, solved(lab, last="print('done')\nexit()"))


@honest("ok", FULL)
def quit_in_the_middle(lab, folder):
    """quit, without parentheses, and exit() between the answers; the cells below were run by hand."""
    notebook = solved(lab)
    insert(notebook, "quit", "start")
    insert(notebook, "exit(keep_kernel=False)", "softmax-test")
    hand_in(folder, notebook)


@honest("ok", FULL)
def asks_the_kernel_to_restart(lab, folder):
    """Colab's snippet that restarts the kernel after an installation, and its older brother."""
    notebook = solved(lab)
    insert(notebook, "import IPython\nIPython.Application.instance().kernel.do_shutdown(True)", "start")
    insert(notebook, "get_ipython().kernel.do_shutdown(restart=True)\nget_ipython().ask_exit()", "softmax-test")
    hand_in(folder, notebook)


@honest("ok", FULL, flags=[f"cell 4 (`import os`) {AGAIN.format('died')}"])
def kills_the_kernel_to_restart_it(lab, folder):
    """os.kill(os.getpid(), 9), to restart by force, right after the imports."""
    notebook = solved(lab)
    insert(notebook, "import os\nos.kill(os.getpid(), 9)", "start")
    hand_in(folder, notebook)


@honest("ok", FULL, flags=[f"cell 6 (`import os`) {AGAIN.format('died')}"])
def leaves_by_force(lab, folder):
    """os._exit(0) in a cell between the answers, and in a later one again."""
    notebook = solved(lab)
    insert(notebook, "import os\nos._exit(0)", "softmax")
    insert(notebook, "os._exit(1)", "progress")
    hand_in(folder, notebook)


@honest("ok", FULL)
def leaves_by_sys_exit(lab, folder):
    """sys.exit() in a cell of its own."""
    hand_in(folder, solved(lab, last="import sys\nsys.exit()"))


@honest("ok", FULL, flags=[f"cell 4 (`kept = np.ones(500_000_000)`) {AGAIN.format('memory')}"])
def runs_out_of_memory(lab, folder):
    """An experiment in a cell of its own takes all the memory there is."""
    notebook = solved(lab)
    insert(notebook, "kept = np.ones(500_000_000)", "start")
    hand_in(folder, notebook)


@honest("ok", FULL)
def written_on_colab(lab, folder):
    """Answer cells and cells between them import what only Colab has, and use it."""
    notebook = solved(lab, softmax="from google.colab import drive\n" + RIGHT["softmax"])
    insert(
        notebook,
        "from google.colab import drive, files, userdata\ndrive.mount('/content/drive')\n"
        "import google.colab.output\ngoogle.colab.output.eval_js('1')",
        "start",
    )
    hand_in(folder, notebook)
