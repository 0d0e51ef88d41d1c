"""An executed notebook as one HTML page that needs no network and no script to be read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

# JupyterLab's own page, without what it loads from a CDN, with the figures' alt text, and with long code wrapped.
TEMPLATE = """\
{%- extends 'index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
{{ super() }}
<style>.highlight pre { white-space: pre-wrap; overflow-wrap: anywhere; }</style>
{%- endblock -%}
{%- block data_png scoped -%}
<div class="jp-RenderedImage jp-OutputArea-output">
<img src="data:image/png;base64,{{ output.data['image/png'] | escape_html }}"
 alt="{{ output.data.get('text/plain', '') | escape_html }}">
</div>
{%- endblock -%}
"""


def mathml(tex: str, display: str) -> str | None:
    """A formula as MathML, which browsers draw themselves; None when it cannot be converted."""
    try:
        from latex2mathml.converter import convert

        return convert(re.sub(r"\{(aligned|split)\}", "{align*}", tex.strip()), display=display)
    except Exception:  # not installed, or TeX that it does not know: the page shows the TeX
        return None


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
            yield (
                "markdown2html",
                lambda source: MarkdownWithMath(renderer=Renderer(escape=False)).render(source),
            )

    return Exporter(
        template_name="lab",
        template_file="course.html.j2",
        embed_images=False,
        extra_loaders=[DictLoader({"course.html.j2": TEMPLATE})],
    )


def relink(page: str, source: Path, target: Path) -> str:
    """Point relative links of the notebook `source` to the page of that lesson, else to the file itself."""

    def mend(match: re.Match) -> str:
        path, hash_, anchor = match[2].partition("#")
        linked = source.parent / unquote(path)
        if not path or not linked.exists():
            return match[0]
        beside = target.parent / f"{linked.stem}.html"
        found = beside if linked.suffix == ".ipynb" and beside.exists() else linked.resolve()
        return f'{match[1]}="{Path(os.path.relpath(found, target.parent.resolve())).as_posix()}{hash_}{anchor}"'

    return re.sub(r'\b(href|src)="(?![a-z][a-z0-9+.-]*:|#|/)([^"]*)"', mend, page)


def export(notebook, source: Path, target: Path) -> None:
    """Write the executed `notebook`, which came from the file `source`, to `target` as HTML."""
    page, _ = exporter().from_notebook_node(notebook, {"metadata": {"name": source.stem}})
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(relink(page, source, target), encoding="utf-8")
