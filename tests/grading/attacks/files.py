"""Files that are no notebooks, or more than one: links, devices, archives, encodings, sizes."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import stat
import struct
import zipfile

from corpus import FULL, LAB, MERGE, WORLD, answered, hand_in, solved
from nbformat.v4 import new_code_cell

from attacks import attack

NAME = f"{LAB}.ipynb"


def _text(notebook) -> str:
    return json.dumps(notebook)


def _write(folder, data: bytes | str, name: str = NAME):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# --- text and size ----------------------------------------------------------------------------------


@attack("unreadable")
def empty_file(lab, folder):
    """No byte at all."""
    _write(folder, b"")


@attack("unreadable")
def not_a_notebook(lab, folder):
    """A web page under a notebook's name, as a download that failed leaves."""
    _write(folder, "<!doctype html><title>Sign in</title><script>document.title='PWNED'</script>")


@attack("unreadable")
def invalid_json(lab, folder):
    """A notebook whose second half is missing."""
    text = _text(solved(lab))
    _write(folder, text[: len(text) // 2])


@attack("unreadable")
def gzip_named_ipynb(lab, folder):
    """A gzip with 2 GB of zeros under a notebook's name."""
    zeros = gzip.compress(b"\0" * (1 << 24))
    _write(folder, zeros * 128)


@attack("unreadable")
def deeply_nested_json(lab, folder):
    """A hundred thousand brackets."""
    _write(
        folder, '{"nbformat": 4, "nbformat_minor": 5, "metadata": ' + "[" * 100_000 + "]" * 100_000 + ', "cells": []}'
    )


@attack("unreadable ok", MERGE)
def nested_metadata(lab, folder):
    """Metadata nested 900 deep: a parser takes it, what copies or prints it may not."""
    deep = "[" * 900 + "]" * 900
    text = _text(answered(lab))
    _write(folder, text.replace('"metadata": {}', f'"metadata": {{"deep": {deep}}}', 1))


@attack("unreadable")
def number_for_a_notebook(lab, folder):
    """A number of a million digits, where JSON stands."""
    _write(folder, "9" * 1_000_000)


@attack("unreadable ok", MERGE)
def huge_numbers(lab, folder):
    """Versions and counts that are infinite, negative or have 4,000 digits."""
    text = _text(answered(lab)).replace('"nbformat_minor": 5', '"nbformat_minor": ' + "9" * 4000)
    _write(folder, text.replace('"execution_count": null', '"execution_count": 1e999'))


@attack("unreadable")
def too_large(lab, folder):
    """A notebook of 60 MB."""
    notebook = answered(lab)
    notebook.metadata["padding"] = "x" * 60_000_000
    hand_in(folder, notebook)


@attack("unreadable")
def ten_thousand_cells(lab, folder):
    """Ten thousand cells."""
    notebook = answered(lab)
    notebook.cells += [new_code_cell("1", id=f"c{i}") for i in range(10_000)]
    hand_in(folder, notebook)


@attack("unreadable ok", MERGE)
def duplicate_keys(lab, folder):
    """Every key twice: the first says one thing, the last another."""
    _write(folder, _text(answered(lab)).replace('"cells": [', '"cells": [], "nbformat": 5, "cells": [', 1))


@attack("ok", MERGE)
def byte_order_mark(lab, folder):
    """Starts with a byte order mark and has carriage returns at the ends of lines, as some editors write."""
    text = json.dumps(answered(lab), indent=1).replace("\n", "\r\n")
    _write(folder, b"\xef\xbb\xbf" + text.encode())


@attack("unreadable ok", MERGE)
def utf_16(lab, folder):
    """The notebook in UTF-16."""
    _write(folder, _text(answered(lab)).encode("utf-16"))


@attack("unreadable ok", MERGE)
def bytes_that_are_no_text(lab, folder):
    """Bytes in strings that are no UTF-8, NUL bytes, lone surrogates as escapes."""
    notebook = answered(lab, written="SURROGATE")
    text = _text(notebook).replace("SURROGATE", "\\ud800 \\udc00 \\u0000")
    _write(folder, text.encode().replace(b"A tiny lab", b"A tiny \xff\xfe lab"))


@attack("ok", MERGE)
def surrogates_in_cells(lab, folder):
    """Lone surrogates and NUL as escapes in code, Markdown, ids and metadata."""
    notebook = answered(lab, written="SURROGATE", first='print("SURROGATE")', last="# SURROGATE")
    notebook.metadata["SURROGATE"] = "SURROGATE"
    notebook.cells[0]["metadata"] = {"SURROGATE": "SURROGATE", "nbgrader": {"grade_id": "SURROGATE"}}
    _write(folder, _text(notebook).replace("SURROGATE", "\\ud800 \\u0000"))


@attack("ok", MERGE)
def nbformat_3(lab, folder):
    """The format of 2013: worksheets instead of cells, `input` instead of `source`, no metadata of nbgrader's."""
    cells = []
    for c in answered(lab).cells:
        if c.cell_type == "code":
            cells.append({"cell_type": "code", "input": c.source, "language": "python", "outputs": [], "metadata": {}})
        else:
            cells.append({"cell_type": "markdown", "source": c.source, "metadata": {}})
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    _write(folder, _text(old))


@attack("unreadable")
def nbformat_3_malformed(lab, folder):
    """Says it is of 2013, with worksheets that are none."""
    _write(folder, _text({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [5, {"cells": 7}]}))


@attack("unreadable")
def nbformat_5(lab, folder):
    """A format that does not exist yet."""
    _write(folder, _text(answered(lab) | {"nbformat": 5, "nbformat_minor": 99}))


# --- what a folder can hold ---------------------------------------------------------------------------


@attack("unreadable")
def link_to_a_secret(lab, folder):
    """A symbolic link to a file outside, whose content would end up in the class's folder."""
    folder.mkdir(parents=True)
    (folder / NAME).symlink_to((WORLD.secrets or ["/etc/hostname"])[0])


@attack("unreadable")
def link_to_a_neighbor(lab, folder):
    """A symbolic link to another student's right submission."""
    folder.mkdir(parents=True)
    (folder / NAME).symlink_to(f"../neighbor/{NAME}")


@attack("not-read")
def linked_folder(lab, folder):
    """The student's folder itself is a link to another student's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to("neighbor", target_is_directory=True)


@attack("unreadable")
def link_to_itself(lab, folder):
    """A link that leads to itself, and a folder that contains itself."""
    folder.mkdir(parents=True)
    (folder / NAME).symlink_to(NAME)
    (folder / "again").symlink_to(".", target_is_directory=True)


@attack("unreadable")
def named_pipe(lab, folder):
    """A named pipe: whoever opens it to read waits for ever."""
    folder.mkdir(parents=True)
    os.mkfifo(folder / NAME)


@attack("unreadable")
def device(lab, folder):
    """A device file that never ends (as root; else a link to one)."""
    folder.mkdir(parents=True)
    try:
        os.mknod(folder / NAME, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        (folder / NAME).symlink_to("/dev/zero")


@attack("unreadable")
def socket_file(lab, folder):
    """A socket under a notebook's name."""
    folder.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as made:
        here = os.getcwd()
        os.chdir(folder)  # the whole path would be too long for a socket
        try:
            made.bind(NAME)
        finally:
            os.chdir(here)


@attack("unreadable")
def folder_named_like_a_notebook(lab, folder):
    """A folder under a notebook's name, with a file in it."""
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / "x").write_text("x")


@attack("ok", MERGE)
def files_beside_the_notebook(lab, folder):
    """Modules, configuration and data beside the notebook, which Python, IPython or nbgrader would load."""
    hand_in(folder, answered(lab))
    for name in (
        "numpy.py",
        "helpers.py",
        "sitecustomize.py",
        "nbgrader_config.py",
        "ipython_config.py",
        "conftest.py",
    ):
        (folder / name).write_text("raise SystemExit('WRITTEN_BY_AN_ATTACK')\n")
    (folder / ".ipynb_checkpoints").mkdir()
    hand_in(folder / ".ipynb_checkpoints", solved(lab))
    hand_in(folder, solved(lab), f"{LAB}.ipynb.bak")


# --- archives ---------------------------------------------------------------------------------------


def _zip(folder, members: list[tuple[str | zipfile.ZipInfo, bytes]], name: str = f"{LAB}.zip") -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members:
            archive.writestr(member, data)
    _write(folder, made.getvalue(), name)


@attack("ok unreadable", MERGE)
def zip_with_paths_outside(lab, folder):
    """A zip whose members would be unpacked outside: `..`, absolute paths, drive letters, backslashes."""
    right = _text(solved(lab)).encode()
    outside = [
        f"../neighbor/{NAME}",
        "../../../../tmp/written_by_an_attack",
        f"/{NAME}",
        f"C:\\{NAME}",
        f"..\\..\\{NAME}",
    ]
    targets = [(path, b"WRITTEN") for path in WORLD.targets]
    _zip(folder, [*((path, right) for path in outside), *targets, (NAME, _text(answered(lab)).encode())])


@attack("unreadable")
def zip_bomb(lab, folder):
    """A zip of a few MB with a notebook of 1 GB in it."""
    member = zipfile.ZipInfo(NAME)
    member.compress_type = zipfile.ZIP_DEFLATED
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(member, "w", force_zip64=True) as file,
    ):
        block = b" " * (1 << 24)
        for _ in range(64):
            file.write(block)
    _write(folder, made.getvalue(), f"{LAB}.zip")


@attack("unreadable")
def zip_that_lies_about_sizes(lab, folder):
    """A zip whose directory says that a notebook of 100 MB has 10 bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, b" " * 100_000_000)
    data = bytearray(made.getvalue())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    data[22:26] = struct.pack("<I", 10)
    _write(folder, bytes(data), f"{LAB}.zip")


@attack("unreadable")
def zip_with_a_link(lab, folder):
    """A zip whose notebook is a symbolic link to a secret."""
    link = zipfile.ZipInfo(NAME)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    _zip(folder, [(link, (WORLD.secrets or ["/etc/hostname"])[0].encode())])


@attack("unreadable")
def zip_in_a_zip(lab, folder):
    """Zips in zips in zips."""
    data = _text(solved(lab)).encode()
    name = NAME
    for level in range(5):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr(name, data)
        data, name = made.getvalue(), f"{level}.zip"
    _write(folder, data, f"{LAB}.zip")


@attack("unreadable")
def zip_with_a_password(lab, folder):
    """A zip that says its members are encrypted."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(NAME, _text(solved(lab)))
    data = bytearray(made.getvalue())
    for at in (data.index(b"PK\x03\x04") + 6, data.rindex(b"PK\x01\x02") + 8):
        data[at] |= 1
    _write(folder, bytes(data), f"{LAB}.zip")


@attack("ok", FULL)
def honest_zip(lab, folder):
    """Everything is right, in a zip with a folder, as systems that pack for students make them."""
    _zip(folder, [(f"work/{NAME}", _text(solved(lab)).encode()), ("__MACOSX/._x", b"x"), ("work/.DS_Store", b"x")])
