"""An executed notebook as one HTML page that needs no network and no script to be read; Markdown of strangers in it."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

# JupyterLab's own page, without what it loads from a CDN, with the figures' alt text, with long code wrapped, with
# outputs in line with the prose, and with the code folded that a notebook hides.
TEMPLATE = """\
{%- extends 'index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
{{ super() }}
<style>.highlight pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.jp-OutputArea-child { display: flex; }
.jp-OutputArea-child > .jp-OutputArea-prompt { box-sizing: border-box; flex: 0 0 76px; width: auto; min-width: 0; }
.jp-OutputArea-child > .jp-OutputArea-output { flex: 1 1 0; min-width: 0; padding-left: 5px; }
.jp-InputArea details { flex: 1; } .jp-InputArea details > summary { color: #616161; cursor: pointer; }
.jp-InputArea:has(> details) { align-items: baseline; }
.jp-CodeCell:has(> div > div > details:not([open])) { padding-top: 0; padding-bottom: 0; }
.jp-InputArea:has(> details:not([open])) > .jp-InputPrompt { padding-top: 0; padding-bottom: 0; }
table.dataframe { margin-left: 0; }</style>
{%- endblock -%}
{%- block input -%}
{%- if cell.metadata.get('jupyter', {}).get('source_hidden') -%}
<details><summary>code</summary>{{ super() }}</details>
{%- else -%}
{{ super() }}
{%- endif -%}
{%- endblock input -%}
{%- block data_png scoped -%}
<div class="jp-RenderedImage jp-OutputArea-output">
{%- set width = output | get_metadata('width', 'image/png') %}
<img src="data:image/png;base64,{{ output.data['image/png'] | escape_html }}"
{%- if width is not none %} width="{{ width | escape_html }}"{% endif %}
 alt="{{ output.data.get('text/plain', '') | escape_html }}">
</div>
{%- endblock -%}
"""


# Attributes of MathML that act, and TeX that would set them or load something.
ACTS = re.compile(r"href|src|style|class|id$|on|xlink|action", re.IGNORECASE)
TEX_THAT_ACTS = re.compile(r"\\(?=(href|bbox|require|style|class|cssId|html\w*|includegraphics|url)\b)")


def mathml(tex: str, display: str) -> str | None:
    """A formula as MathML, which browsers draw themselves; None when it cannot be converted."""
    try:
        from xml.etree.ElementTree import tostring

        from latex2mathml.converter import convert_to_element

        formula = convert_to_element(re.sub(r"\{(aligned|split)\}", "{align*}", tex.strip()), display=display)
        for element in formula.iter():
            for name in [name for name in element.attrib if ACTS.match(name)]:
                del element.attrib[name]
        # Its signs are references already; of what the author wrote, nothing becomes a tag.
        return re.sub(r"&amp;(#x[0-9A-Fa-f]{2,6};)", r"&\1", tostring(formula, encoding="unicode"))
    except Exception:  # not installed, or TeX that it does not know: the page shows the TeX
        return None


def plain(text: str) -> str:
    """A text that HTML and Markdown both show sign by sign: on one line, with nothing in it to interpret."""
    return re.sub(r"[^\w .,]|_", lambda sign: f"&#{ord(sign[0])};", text)


def inert(markdown: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """A stranger's Markdown as it would show, but with no HTML of theirs, no link, and no picture except attached ones.

    `attachments` are those of a notebook's cell; PNG and JPEG are shown. What comes back is one line of HTML with
    every other sign written as a reference: a program that reads it as Markdown finds nothing to interpret, or to
    spend time on.
    """
    from mistune import HTMLRenderer
    from nbconvert.filters.markdown_mistune import MarkdownWithMath

    class Renderer(HTMLRenderer):
        def text(self, text):
            return plain(html.unescape(text))

        def codespan(self, text):
            return f"<code>{plain(text)}</code>"

        def block_code(self, code, info=None):
            return f"<pre><code>{plain(code)}</code></pre>"

        def inline_html(self, html):
            return plain(html)

        def block_html(self, html):
            return f"<p>{plain(html)}</p>"

        def heading(self, text, level, **attributes):
            return f"<h{int(level)}>{text}</h{int(level)}>"

        def link(self, text, url, title=None):
            shown = plain(html.unescape(url))
            return text if text == shown else f"{plain('[')}{text}{plain('](')}{shown}{plain(')')}"

        def image(self, text, url, title=None):
            kept = (attachments or {}).get(unquote(url.removeprefix("attachment:")), {})
            for mime in ("image/png", "image/jpeg"):
                data = "".join(str(kept.get(mime, "")).split())
                if url.startswith("attachment:") and re.fullmatch(r"[A-Za-z0-9+/]+=*", data):
                    return (
                        f'<img src="data:{mime};base64,{data}" alt="{plain(re.sub("<.*?>", "", html.unescape(text)))}">'
                    )
            return f"{plain('![')}{text}{plain('](' + html.unescape(url) + ')')}"

        def formula(self, tex, display, sign):
            tex = TEX_THAT_ACTS.sub(r"\\\\ ", tex)
            return mathml(tex, display) or plain(f"{sign}{tex}{sign}")

        def inline_math(self, tex):
            return self.formula(tex, "inline", "$")

        def block_math(self, tex):
            return self.formula(tex, "block", "$$")

        def latex_environment(self, name, body):
            return self.formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block", "$$")

    shown = MarkdownWithMath(renderer=Renderer(escape=True)).render(markdown)
    return f"<div>{shown}</div>".replace("\n", " ")


def exporter():
    """An `HTMLExporter` as the module says."""
    from jinja2 import DictLoader
    from nbconvert import HTMLExporter
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        def block_math(self, body):
            return mathml(body, "block") or super().block_math(body)

        def inline_math(self, body):
            return mathml(body, "inline") or super().inline_math(body)

    class Exporter(HTMLExporter):
        def default_filters(self):
            yield from super().default_filters()
            yield ("markdown2html", lambda source: MarkdownWithMath(renderer=Renderer(escape=False)).render(source))

    return Exporter(
        template_name="lab",
        template_file="course.html.j2",
        embed_images=False,
        extra_loaders=[DictLoader({"course.html.j2": TEMPLATE})],
    )


def relink(page: str, source: Path, target: Path) -> str:
    """Point relative links of the notebook `source` to the page of that lesson, else to the file itself."""

    def nearer(match: re.Match) -> str:
        path, hash_, anchor = match[2].partition("#")
        linked = source.parent / unquote(path)
        if not path or not linked.exists():
            return match[0]
        beside = target.parent / f"{linked.stem}.html"
        place = beside if linked.suffix == ".ipynb" and beside.exists() else linked.resolve()
        return f'{match[1]}="{Path(os.path.relpath(place, target.parent.resolve())).as_posix()}{hash_}{anchor}"'

    return re.sub(r'\b(href|src)="(?![a-z][a-z0-9+.-]*:|#|/)([^"]*)"', nearer, page)


def export(notebook, source: Path, target: Path) -> None:
    """Write the executed `notebook`, which came from the file `source`, to `target` as HTML."""
    page, _ = exporter().from_notebook_node(notebook, {"metadata": {"name": source.stem}})
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(relink(page, source, target), encoding="utf-8")
