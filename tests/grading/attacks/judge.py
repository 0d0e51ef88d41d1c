"""Through what the kernel sends, at the process that reads and judges it."""

from __future__ import annotations

from corpus import MERGE, answered, code, define, hand_in, insert, submit

from attacks import attack

# The driver asks as always; what it would send goes through `change` first.
SENDER = """
import json
from helpers.checks import driver
import IPython.display
kept = IPython.display.publish_display_data

def publish(data, *rest, **more):
    if driver.MIME in data:
        sent = json.loads(data[driver.MIME])
        if sent["part"] == "softmax":
            data = {driver.MIME: change(sent)}
    return kept(data, *rest, **more)

IPython.display.publish_display_data = publish
"""
KERNEL = """
kernel = get_ipython().kernel
def send(kind, content, parent=None):
    parent = kernel.get_parent() if parent is None else parent
    kernel.session.send(kernel.iopub_socket, kind, content=content, parent=parent)
"""


@attack("tampered", MERGE)
def malformed_answers(lab, folder):
    """Sends answers whose fields have other types than the judge expects: short_cuts 5, outcomes null, a bare list."""
    change = """
        import itertools
        odd = itertools.cycle([
            {"short_cuts": 5}, {"short_cuts": True}, {"outcomes": 5}, {"outcomes": None}, {"outcomes": [5, None, []]},
            {"outcomes": [{"output": 5}]}, {"outcomes": [{"output": "{"}]}, {"outcomes": {}}, {"missing": []},
            {"outcomes": [{"error": {}, "where": [], "foreign": "x"}]}, {"short_cuts": {"a": 1}}, {},
        ])
        def change(sent):
            return json.dumps({"nonce": sent["nonce"], "part": sent["part"]} | next(odd))
    """
    submit(lab, folder, first=code(SENDER, change), softmax=define("softmax", "return 1"))


@attack("tampered", MERGE)
def no_object_at_all(lab, folder):
    """Sends JSON that is no object, and text that is no JSON, where an answer is expected."""
    change = """
        import itertools
        odd = itertools.cycle(["[]", "5", "null", '"text"', "{", "", "NaN", "1" * 5000, "[" * 50000, "{}", chr(0)])
        def change(sent):
            return next(odd)
    """
    submit(lab, folder, first=code(SENDER, change), softmax=define("softmax", "return 1"))


@attack("tampered", MERGE)
def odd_arrays(lab, folder):
    """Arrays that say they have another shape or type than their bytes: negative, huge, structured, objects."""
    change = """
        import itertools
        odd = itertools.cycle([
            ["<f8", [-1], ""], ["<f8", [10**12], ""], ["O", [1], "AAAAAAAAAAA="], ["<i4,<i4", [1], "AAAAAAAAAAA="],
            ["<f8", [0, 10**18], ""], ["f99", [1], ""], [5, 5, 5], ["<M8[s]", [1], "AAAAAAAAAAA="], ["V8", [1], "AAAA"],
        ])
        def change(sent):
            out = json.dumps({"$array": next(odd)})
            return json.dumps({"nonce": sent["nonce"], "part": "softmax", "outcomes": [{"output": out}] * 5})
    """
    submit(lab, folder, first=code(SENDER, change), softmax=define("softmax", "return 1"))


@attack("tampered", MERGE)
def odd_tags(lab, folder):
    """Tags of the wire format misused: dicts as keys, toys that name modules, floats that are words, deep nesting."""
    change = """
        import itertools
        odd = itertools.cycle([
            {"$dict": [[{"$dict": []}, 1]]}, {"$dict": 5}, {"$toy": ["os.system", ["true"]]}, {"$float": "words"},
            {"$float": "9" * 100000}, {"$bytes": "?"}, {"$tuple": 5}, {"$a": 1, "$b": 2}, {}, {"$object": "os"},
        ])
        def change(sent):
            item = next(odd)
            deep = "[" * 900 + "]" * 900
            out = [{"output": json.dumps(item)}] * 4 + [{"output": deep}]
            return json.dumps({"nonce": sent["nonce"], "part": "softmax", "outcomes": out})
    """
    submit(lab, folder, first=code(SENDER, change), softmax=define("softmax", "return 1"))


@attack("tampered", MERGE)
def colliding_keys(lab, folder):
    """A dict of 300,000 integers with one and the same hash: building it outside the kernel would take an hour."""
    change = """
        def change(sent):
            step = 2**61 - 1
            keys = ",".join(f"[{i * step},0]" for i in range(1, 300_001))
            out = '{"$dict":[' + keys + "]}"
            return json.dumps({"nonce": sent["nonce"], "part": "softmax", "outcomes": [{"output": out}] * 2})
    """
    submit(lab, folder, first=code(SENDER, change), softmax=define("softmax", "return 1"))


@attack("tampered", MERGE)
def enormous_answer(lab, folder):
    """Sends 100 MB where an answer is expected."""
    change = """
        def change(sent):
            return json.dumps({"nonce": sent["nonce"], "part": "softmax", "outcomes": [{"output": "1" * 100_000_000}]})
    """
    submit(lab, folder, first=code(SENDER, change), softmax=define("softmax", "return 1"))


@attack("ok", MERGE)
def a_million_elements(lab, folder):
    """Returns a list of a million numbers, and an array of a hundred million."""
    submit(
        lab,
        folder,
        softmax=define("softmax", "return list(range(1_000_000))"),
        attention=define("attention", "return np.zeros(100_000_000, dtype=np.int8)"),
    )


@attack("ok", MERGE)
def enormous_error(lab, folder):
    """Raises an error with a message of 50 MB, which would end up in reason, receipt and CSV."""
    submit(lab, folder, softmax=define("softmax", "raise ValueError('E' * 50_000_000)"))


@attack("ok tampered", MERGE)
def errors_that_lie(lab, folder):
    """Raises errors whose __str__ raises, whose class has no good name, and which are no Exception at all."""
    kind = """
        class Lying(Exception):
            def __str__(self): raise SystemExit(0)
            __repr__ = __str__
        Lying.__name__ = Lying.__qualname__ = 'right: \\n\\x1b[2J'
    """
    submit(
        lab,
        folder,
        first=kind,
        softmax=define("softmax", "raise Lying('0 problems')"),
        attention=define("attention", "raise KeyboardInterrupt"),
    )


@attack("ok", MERGE)
def a_formula_for_the_spreadsheet(lab, folder):
    """An error and a name that a spreadsheet would run as a formula when it opens the CSV."""
    submit(
        lab,
        folder,
        softmax="""
        class Formula(Exception):
            pass
        Formula.__name__ = '=HYPERLINK("http://127.0.0.1/";"14 points")&cmd|A0'
        def softmax(scores):
            raise Formula("+1")
    """,
        parameters="parameters = '=1+13'",
    )


@attack("tampered", MERGE)
def malformed_messages(lab, folder):
    """Messages of the Jupyter protocol, signed with the kernel's own key, whose fields have other types than agreed."""
    flood = """
        for content in ([], [1, 2], 5, "text", None, {}, {"data": 5}, {"data": [1]}, {"data": {"text/plain": [{}]}},
                        {"text": 5}, {"name": [], "text": {}}, {"execution_state": []}, {"traceback": 5, "ename": {}},
                        {"traceback": [[]], "ename": None, "evalue": [1]}, {"execution_state": "idle"}):
            for kind in ("stream", "error", "display_data", "execute_result", "update_display_data", "clear_output"):
                for parent in (None, {}, {"msg_id": 5}):
                    try:
                        send(kind, content, parent)
                    except Exception:
                        pass
    """
    submit(lab, folder, first=code(KERNEL, flood))


@attack("tampered", MERGE)
def deeply_nested_messages(lab, folder):
    """Outputs nested so deeply that printing or converting them would exceed the recursion limit of the reader."""
    flood = """
        import sys
        sys.setrecursionlimit(20_000)
        for depth in (50, 200, 400, 600, 700, 800, 850, 900, 930, 950, 960, 970, 980, 990, 1000, 1200, 3000):
            nested = []
            for _ in range(depth):
                nested = [nested]
            for content in ({"text": nested}, {"data": {"text/plain": nested}}, {"ename": nested, "traceback": nested}):
                for kind in ("stream", "display_data", "error"):
                    try:
                        send(kind, content)
                    except RecursionError:
                        pass
    """
    submit(lab, folder, first=code(KERNEL, flood))


@attack("tampered", MERGE)
def forged_status(lab, folder):
    """Sends status idle and replies in the kernel's name before a cell is done, for this cell and for others."""
    forge = """
        for parent in (kernel.get_parent(), {"header": {"msg_id": "x"}}):
            send("execute_reply", {"status": "ok", "execution_count": 1}, parent)
            send("status", {"execution_state": "idle"}, parent)
            send("status", {"execution_state": "dead"}, parent)
        print("after idle")
    """
    submit(lab, folder, first=code(KERNEL, forge), last=forge, softmax=define("softmax", "return 1"))


@attack("tampered", MERGE, flags=("output cut",))
def flood_of_errors(lab, folder):
    """50,000 forged error messages of 40 kB each: errors must always get through, so they fill the reader's memory."""
    flood = """
        trace = ["E" * 2000] * 20
        for _ in range(50_000):
            send("error", {"ename": "E" * 200, "evalue": "E" * 2000, "traceback": trace})
    """
    submit(lab, folder, first=code(KERNEL, flood))


@attack("ok", MERGE, flags=("output cut",))
def fifty_megabytes_of_output(lab, folder):
    """Prints 50 MB, and shows as much as displays."""
    flood = """
        from IPython.display import display
        for _ in range(25):
            print("x" * 1_000_000)
            display("y" * 1_000_000)
    """
    submit(lab, folder, first=flood)


@attack("ok", MERGE)
def output_while_asked(lab, folder):
    """Prints 20 MB while it is being asked, between question and answer."""
    submit(lab, folder, softmax=define("softmax", "print('x' * 2_000_000)\nreturn scores"))


@attack("ok", MERGE)
def file_descriptors(lab, folder):
    """Writes forged log lines and control sequences to every open file descriptor, and types into the terminal."""
    write = """
        import fcntl, os
        for number in range(1, 64):
            try:
                if os.fstat(number).st_mode & 0o170000 != 0o140000:  # no socket: those are the kernel's own
                    os.write(number, b"FORGED LOG LINE 14 points\\x1b]0;FORGED\\x07\\n")
            except OSError:
                pass
            try:
                for byte in b"echo FORGED\\n":
                    fcntl.ioctl(number, 0x5412, bytes([byte]))
            except OSError:
                pass
    """
    submit(lab, folder, first=write)


@attack("ok", MERGE)
def lone_surrogates(lab, folder):
    """Errors, prints and answers with characters that UTF-8 cannot write, NUL, and text that runs backwards."""
    odd = "\\ud800\\udfff\\x00\\u202e"
    submit(
        lab,
        folder,
        first=f"""
        print("{odd}")
        raise ValueError("{odd}")
    """,
        softmax=define("softmax", f'raise ValueError("{odd}")'),
        attention=define("attention", f'return "{odd}"'),
        parameters=f'parameters = "{odd}"',
    )


@attack("ok", MERGE, flags=("output cut",))
def a_megabyte_from_each_cell(lab, folder):
    """A hundred cells that each print just less than a cell may: together more than a submission may."""
    notebook = answered(lab)
    for _ in range(100):
        insert(notebook, "print('x' * 900_000)", "start")
    hand_in(folder, notebook)


@attack("tampered", MERGE)
def a_key_more(lab, folder):
    """The kernel's own valid answer with one key more, nested so deeply that it cannot be passed on or written."""
    change = """
        def change(sent):
            text = json.dumps(sent)
            return text[:-1] + ', "x": ' + "[" * 925 + "]" * 925 + "}"
    """
    submit(lab, folder, first=code(SENDER, change))


@attack("ok", MERGE)
def one_long_text_among_short_ones(lab, folder):
    """Texts where an array is expected: an array of texts gives each as much room as the longest, here 3 GB."""
    submit(lab, folder, softmax=define("softmax", 'return ["x" * 50_000] + ["a"] * 16_000'))


@attack("ok")
def rows_without_values(lab, folder):
    """An array of thirty million rows and no column where a list is expected: nothing to send, 2 GB as a list."""
    submit(lab, folder, right=(), merge=define("merge", "import numpy\nreturn numpy.zeros((30_000_000, 0))"))


@attack("ok", MERGE)
def messages_that_nobody_reads(lab, folder):
    """45 messages of 50 MB on the channel for input, which nobody reads: they would wait in the reader's memory."""
    flood = """
        kernel = get_ipython().kernel
        whose = kernel.get_parent()["header"]["session"].encode()
        for _ in range(45):
            kernel.session.send(kernel.stdin_socket, "input_request", {"prompt": "x" * 50_000_000}, ident=whose)
        import time
        time.sleep(3)
    """
    submit(lab, folder, first=flood)


@attack("tampered", MERGE)
def a_message_of_empty_lists(lab, folder):
    """One message of 45 MB that is all empty lists: read, it has 3 GB."""
    submit(lab, folder, first=code(KERNEL, 'send("stream", {"name": "stdout", "text": [[]] * 11_000_000})'))


@attack("unreadable", {})
def metadata_of_empty_objects(lab, folder):
    """A notebook whose metadata are twelve million empty objects, 36 MB: read, they have gigabytes."""
    path = submit(lab, folder)
    text = path.read_text("utf-8")
    path.write_text('{"x": [' + ",".join(["{}"] * 12_000_000) + "], " + text.lstrip()[1:], "utf-8")
