"""The website: `course site build` makes it from the notebooks, with the outputs that are stored in them.

Sphinx and myst-nb make the pages, with the settings in the folder `site/`. What has to change on the way from a
notebook to a page happens here, on copies: pictures become files with a size, links lead to the site's own pages or to
the repository, hidden code is folded, terms lead to the glossary, and the badge is replaced by links that load nothing.
No model runs, and nothing is downloaded.
"""

from __future__ import annotations

import html
import io
import json
import os
import re
import shutil
import struct
import time
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote

from course.colab import BRANCH, MARKER, badge_line, configured
from course.places import lessons, read_notebook, tidy, write_notebook
from course.terms import GLOSSARY, anchored, linked

LINK = re.compile(r"(?<=\]\()(?![a-z][a-z0-9+.-]*:|#)([^)\s#]+)((?:#[^)\s]*)?)(?=\))")
ADDRESS = re.compile(r"\]\((https:[^)]*)\)$")
IMAGE = re.compile(r"<img\b[^>]*>")
TITLE = re.compile(r"\A# (?:Further · )?(.*)\n?")
POLISH = {  # what Furo's pages lack: names for readers who do not see them, and a place for its button before it shows
    "</head>": '<script>document.documentElement.classList.remove("no-js")</script></head>',
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer': '<aside aria-label="This page" class="toc-drawer',
    '<div id="search-results">': '<h1 class="unseen">Search</h1>\n<div id="search-results">',
}
ALIVE = " data-explorer="  # marks a static form that can become live: see helpers/explorers/tab/
CHECKPOINT = re.compile(r"&quot;checkpoint&quot;: &quot;([\w-]+)&quot;")
SETUP = {"setup", "parameters", "start"}  # the cells that every notebook begins with
STARTED = re.compile(r"^(profile \w+ · device |[\w-]+ → ).*\n?", re.MULTILINE)  # what is used, and where it is from
QUIZ = re.compile(r'quiz\.\w+\("\w+"\)')
EXPLORER = re.compile(r"^explore\.(\w+)\(", re.MULTILINE)
QUOTED = re.compile(r'"(.+)"')
FORMS = ("text/html", "image/svg+xml", "image/png", "text/markdown", "text/plain")  # the first one present is shown


@dataclass(frozen=True)
class Built:
    """What `build` made: the folder, how many pages are in it, how large it is and how long it took."""

    folder: Path
    pages: int
    megabytes: float
    seconds: float


def pages(root: Path) -> list[Path]:
    """What becomes a page: the lessons and further pages, the labs as students get them, and what is in docs/."""
    return [*lessons(root), *sorted(root.glob("labs/*/*.ipynb")), *sorted(root.glob("docs/*.md"))]


def build(root: Path, out: Path) -> Built:
    """Write the site into `out`, replacing what was there. Raises ValueError when Sphinx finds a mistake."""
    began = time.monotonic()
    if out.exists() and any(out.iterdir()) and not (out / "searchindex.js").is_file():
        raise ValueError(f"{out} holds something else than a site: name a folder that is new or empty.")
    try:
        from sphinx.cmd.build import build_main
    except ImportError:
        raise ValueError('Sphinx is not installed. Type: pip install -e ".[lab,site]"') from None
    staged = root / "build" / "site-source"
    for folder in (staged, out):
        shutil.rmtree(folder, ignore_errors=True)
    stage(root, staged)
    trees = root / "build" / "site-trees"
    shutil.rmtree(trees, ignore_errors=True)
    options = ["-c", str(root / "site"), "-d", str(trees), "-q", "-W", "--keep-going", "-j", str(os.cpu_count() or 1)]
    options += ["-D", f"html_extra_path={staged / 'extra'}"]
    if build_main(["-b", "html", *options, str(staged), str(out)]):
        raise ValueError("The site has mistakes: each is named above, with the file in build/site-source that has it.")
    models: set[str] = set()
    for page in out.rglob("*.html"):
        text = page.read_text("utf-8")
        for plain, polished in POLISH.items():
            text = text.replace(plain, polished)
        if ALIVE in text:
            source = os.path.relpath(out / "tab" / "tab.js", page.parent)
            text = text.replace("</head>", f'<script defer src="{Path(source).as_posix()}"></script></head>')
            models.update(CHECKPOINT.findall(text))
        page.write_text(text, encoding="utf-8")
    write_models(out / "tab", models)
    for source_map in out.rglob("*.map"):  # only Furo's own developers need them
        source_map.unlink()
    (out / ".nojekyll").touch()  # GitHub Pages otherwise leaves out folders whose names begin with _
    files = [path for path in out.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    return Built(out, sum(path.suffix == ".html" for path in files), size, time.monotonic() - began)


def write_models(folder: Path, names: Iterable[str]) -> None:
    """Write what makes explorers live on the pages: their script, and the bundled checkpoints `names` in int8."""
    from course.quantize import quantize
    from helpers.explorers import engine, tab

    folder.mkdir(exist_ok=True)
    (folder / "tab.js").write_text(tab.script(), encoding="utf-8")
    for name in names:
        with TemporaryDirectory() as made:
            source = tab.ASSETS / name
            if (source / "model.safetensors").exists():
                quantize(source, made)
                source = Path(made)
            (folder / f"{name}.js").write_text(engine.packed(source, name), encoding="utf-16")


def stage(root: Path, folder: Path) -> None:
    """Lay out in `folder` what Sphinx reads: the pages of `site/`, and prepared copies of all others."""
    shutil.copytree(root / "site", folder, ignore=shutil.ignore_patterns("*.py", "*.js", "static", "__pycache__"))
    for path in folder.glob("*.md"):
        path.write_text(filled(path.read_text("utf-8"), root, folder), encoding="utf-8")
    every = pages(root)
    for path in every:
        target = folder / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            text = pictured(path.read_text("utf-8"), path, root, folder / "extra")
            target.write_text(relinked(text, path, root, every), encoding="utf-8")
            continue
        stage_notebook(path, target, folder / "extra", root, every)
        download = folder / "extra" / path.relative_to(root)
        download.parent.mkdir(parents=True, exist_ok=True)
        write_notebook(without_outputs(path), download)


def without_outputs(path: Path):
    """The notebook `path` to download. Its outputs are on the page; with them the file would be five times as large."""
    notebook = read_notebook(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def stage_notebook(path: Path, target: Path, extra: Path, root: Path, every: list[Path]) -> None:
    """Write the notebook `path` to `target` as myst-nb should read it, and its pictures into `extra`."""
    import nbformat

    notebook = read_notebook(path)
    tidy(notebook)
    up = "../" * len(path.relative_to(root).parent.parts)
    fold(notebook)
    for number, cell in reversed(list(enumerate(notebook.cells))):
        if says := picture_only(cell, path, root):
            notebook.cells.insert(number + 1, nbformat.v4.new_markdown_cell(says, id=f"{cell.id}-still"))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, path, root, every)
        elif cell.cell_type == "code":
            if QUIZ.fullmatch(cell.source):
                cell.metadata["tags"] = [*cell.metadata.get("tags", []), "remove-input"]
            elif hidden(cell) and "folded" not in cell.metadata:
                cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]
            files = (f"{path.stem}-{cell.id}-{number}" for number in range(1, 1000))
            for output in cell.outputs:
                if "data" in output:
                    output.data = one_form(output, partial(kept, files=files, extra=extra, up=up))
    if path == root / GLOSSARY:
        for cell in notebook.cells:
            cell.source = anchored(cell.source)
    elif "labs" not in path.relative_to(root).parts:
        linked(notebook.cells, path, root)
    first = notebook.cells[0]
    first.source = re.sub(rf"{re.escape(MARKER)}\n(\[!\[.*\n?)?", "", first.source)
    first.source = TITLE.sub(lambda title: f"# {title[1]}\n\n{launch(path, root)}\n\n", first.source)
    nbformat.write(notebook, target)


def hidden(cell) -> bool:
    """Is this a code cell whose code the notebook does not show?"""
    return cell.cell_type == "code" and bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def fold(notebook) -> None:
    """Put the cells that a notebook begins with, and what they print about it, into one line that opens.

    What else they show, such as a lesson's first picture, stays under the line.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell

    cells = notebook.cells
    first = next((number for number, cell in enumerate(cells) if cell.id == "setup"), None)
    if first is None:
        return
    last = first
    while last < len(cells) and cells[last].cell_type == "code" and (cells[last].id in SETUP or hidden(cells[last])):
        last += 1
    shown = []
    for cell in cells[first:last]:
        cell.metadata["folded"] = True
        own, cell.outputs = cell.outputs, []
        for output in own:
            if output.output_type != "stream":
                shown.append(output)
                continue
            told = "".join(line[0] for line in STARTED.finditer(output.text))
            rest = STARTED.sub("", output.text)
            cell.outputs += [type(output)(output, text=told)] if told else []
            shown += [type(output)(output, text=rest)] if rest.strip() else []
    opened, closed = '<details class="setup"><summary>Setup</summary>', "</details>"
    under = (
        [new_code_cell("...", id="setup-shown", outputs=shown, metadata={"tags": ["remove-input"]})] if shown else []
    )
    cells[first:last] = [
        new_markdown_cell(opened, id="setup-opens"),
        *cells[first:last],
        new_markdown_cell(closed, id="setup-closes"),
        *under,
    ]


def picture_only(cell, path: Path, root: Path) -> str:
    """What a page says under an explorer that cannot live there, because its model is not one that the page brings.

    Under the heads of such a model, the same view of storybook-bert can be opened.
    """
    view = EXPLORER.search(cell.source) if cell.cell_type == "code" else None
    forms = [output.data["text/html"] for output in cell.get("outputs", []) if "text/html" in output.get("data", {})]
    if not view or not forms or any(ALIVE in form for form in forms):
        return ""
    says = (
        '<p class="still">On this page the explorer above is only a picture, because its model is too large for a web '
        f'page. You can play with it <a href="{colab(path, root)}">on Colab</a> or in the notebook on your computer.'
    )
    quoted = QUOTED.search(cell.source)
    if view[1] != "attention" or not quoted:
        return f"{says}</p>"
    habits = HABITS if quoted[1].startswith("The animal did not cross the street because it") else ""
    return f"{says} {INSTEAD}{habits}</p> {instead(quoted[1])}"


INSTEAD = (
    "You can also open the same view here with storybook-bert, the small BERT of this course. It has other heads than "
    "the text speaks of."
)
HABITS = (
    " Still, in one of them <i>it</i> looks mostly at <i>animal</i>, and in another one nearly every word looks at the "
    "word before it."
)


def bert_call(text: str) -> dict:
    """What `call_of` of helpers/explorers/attention.py says of storybook-bert, from its files: no model is loaded."""
    from helpers.explorers.tab import ASSETS

    folder = ASSETS / "storybook-bert"
    config, tokenizer = (json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("config", "tokenizer"))
    special = {token["content"]: token["id"] for token in tokenizer["added_tokens"] if token["special"]}
    return {
        "view": "attention",
        "checkpoint": folder.name,
        "text": text,
        "layer": 0,
        "head": 0,
        "pads": 0,
        "mask": None,
        "layers": config["num_hidden_layers"],
        "heads": config["num_attention_heads"],
        "room": config["max_position_embeddings"],
        "causal": False,
        "vectors": False,
        "pad_id": special["[PAD]"],
        "mask_id": special["[MASK]"],
        "special_ids": sorted(special.values()),
    }


def instead(text: str) -> str:
    """The view of storybook-bert's heads as an element that waits for its button."""
    return f'<div data-asks{ALIVE}"{html.escape(json.dumps(bert_call(text)))}"></div>'


def colab(path: Path, root: Path) -> str:
    """The notebook's address in Colab, as its badge has it."""
    return ADDRESS.search(badge_line(path, root, *configured(root)))[1]


def launch(path: Path, root: Path) -> str:
    """What stands under a page's title: what a reader on the web should know, and the links to the notebook."""
    lead = "All results are already on this page. To run the code yourself and to change it:"
    if "labs" in path.relative_to(root).parts:
        lead = "You do a lab in the notebook itself, not on this page:"
    if path == root / GLOSSARY:
        lead = "To have it beside the lessons:"
    return (
        f'<p class="lead">{lead}</p> <p class="launch"><a href="{colab(path, root)}">Open in Colab</a> '
        f'<a href="{quote(path.name)}" download>Download the notebook</a></p>'
    )


def one_form(output, keep) -> dict[str, str]:
    """The one form of an output that the page shows. Its pictures are handed to `keep`, which returns the <img>."""
    form = next((form for form in FORMS if form in output.data), None)
    if form is None:  # only a live view, so a page has nothing to show
        return {"text/plain": output.data.get("text/plain", "")}
    content, alt = output.data[form], str(output.data.get("text/plain", ""))
    if form == "image/png":
        width = output.metadata.get("image/png", {}).get("width")
        content = keep(f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{content}">', width=width)
    elif form == "image/svg+xml":
        from helpers.show import image

        content = keep(image(content, alt, 720))
    elif form == "text/html":
        content = IMAGE.sub(lambda tag: keep(tag[0]), content).replace("<th></th>", "<td></td>")
    else:
        return {form: content}
    return {"text/html": content}


def kept(tag: str, files: Iterator[str], extra: Path, up: str, width: float | None = None) -> str:
    """An <img> whose data are in a separate file, under the next name in `files`; it states its width and height."""
    data = re.search(r'src="data:image/(png|svg\+xml);base64,([^"]*)"', tag)
    if not data:
        return tag
    content = b64decode(data[2])
    own_width, own_height = size(content)
    drawn = data[1] == "svg+xml"
    name = f"pictures/{next(files)}.{'svg' if drawn else 'webp'}"
    (extra / name).parent.mkdir(parents=True, exist_ok=True)
    (extra / name).write_bytes(content if drawn else webp(content))
    width = width or own_width
    told = f'width="{width:.0f}" height="{own_height * width / own_width:.0f}"'
    return tag.replace(data[0], f'src="{up}{name}" {told}' + ' class="wide"' * (width > 600))


def pictured(markdown: str, source: Path, root: Path, extra: Path) -> str:
    """The <img> elements of a Markdown file with a height as well; their files are copied into `extra`."""

    def sized(tag: re.Match) -> str:
        path = source.parent / re.search(r'src="([^"]*)"', tag[0])[1]
        copy = extra / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        own_width, own_height = size(path.read_bytes())
        width = int(re.search(r'width="(\d+)"', tag[0])[1])
        return f'{tag[0][:-1]} height="{own_height * width / own_width:.0f}">'

    return IMAGE.sub(sized, markdown)


def webp(picture: bytes) -> bytes:
    """A PNG as a lossless WebP: the same pixels in two thirds of the bytes."""
    from PIL import Image

    made = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGBA").save(made, "webp", lossless=True, exact=True)
    return made.getvalue()


def size(picture: bytes) -> tuple[float, float]:
    """Width and height of a PNG, or of an SVG by its viewBox."""
    if picture.startswith(b"\x89PNG"):
        return struct.unpack(">II", picture[16:24])
    box = re.search(rb'viewBox="\S+ \S+ (\S+) (\S+)"', picture)
    return float(box[1]), float(box[2])


def relinked(markdown: str, source: Path, root: Path, every: list[Path]) -> str:
    """Links to pages of the site stay; README's path is on the front page; all else leads to the repository."""
    repository, tag = configured(root)

    def target(link: re.Match) -> str:
        path = Path(os.path.normpath(source.parent / unquote(link[1])))
        if path in every or not path.exists():  # Sphinx complains about links to nothing
            return link[0]
        if path == root / "README.md" and link[2] in ("", "#the-path"):  # the front page has no more of it
            return Path(os.path.relpath(root / "index.md", source.parent)).as_posix() + link[2]
        kind = "tree" if path.is_dir() else "blob"
        address = f"https://github.com/{repository}/{kind}/{quote(tag.removeprefix(BRANCH))}"
        return f"{address}/{quote(path.relative_to(root).as_posix())}{link[2]}"

    return LINK.sub(target, markdown)


def filled(markdown: str, root: Path, folder: Path) -> str:
    """A page of `site/`, with the tables and the tour that its comments ask for (`<!-- table: … -->`)."""
    readme = (root / "README.md").read_text("utf-8")
    start = lessons(root)[0]
    path = table(next(cell for cell in read_notebook(start).cells if cell.id == "map").source, "lesson")
    path = re.sub(r"\*\*(.*?)\*\* \(you are here\)", rf"[\1]({start.name})", path)
    tables = {
        "lessons": re.sub(r"\]\((?=[^)]*\.ipynb)", f"]({start.parent.name}/", path),
        "further": table(readme, "for the curious"),
        "labs": table(readme, "lab"),
    }
    if "<!-- tour -->" in markdown:
        markdown = markdown.replace("<!-- tour -->", tour(read_notebook(start), folder / "extra"))
    markdown = markdown.replace("](../", "](")  # the page moves from site/ to the top
    return re.sub(r"<!-- table: (\w+) -->", lambda name: tables[name[1]], markdown)


def tour(notebook, extra: Path) -> str:
    """The tour as lesson 00 has it stored: its static form, on one line."""
    output = next(cell for cell in notebook.cells if cell.id == "tour").outputs[0]
    form = one_form(output, partial(kept, files=iter(["tour"]), extra=extra, up=""))["text/html"]
    return form.replace("\n", " ")


def table(markdown: str, first: str) -> str:
    """The table whose first column has the heading `first`."""
    return re.search(rf"^\| {first} \|.*\n(\|.*\n?)+", markdown, re.MULTILINE)[0].rstrip()


def serve(folder: Path, port: int) -> None:
    """Serve `folder` on the loopback address until Ctrl-C."""
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=str(folder))) as server:
        print(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C stops it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
