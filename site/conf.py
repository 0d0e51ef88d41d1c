"""How Sphinx makes the website. `course site build` calls it on what course/site.py has prepared."""

import html
from pathlib import Path

from course.html import mathml

project = html_title = "Transformers by hand"
author = "The transformers-by-hand authors"
copyright = f"{author} (prose CC BY 4.0, code MIT)"
language = "en"
extensions = ["myst_nb"]
exclude_patterns = ["extra"]
smartquotes = False

nb_execution_mode = "off"  # the pages show what is stored in the notebooks
nb_ipywidgets_js = {}
nb_code_prompt_show = nb_code_prompt_hide = "code"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 4
myst_disable_syntax = ["myst_role", "myst_target", "myst_line_comment", "myst_block_break"]  # these are notebooks
suppress_warnings = ["myst.header"]  # a heading may skip a level

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_search_scorer = str(Path(__file__).parent / "scorer.js")
html_math_renderer = "mathml"
html_copy_source = html_show_sourcelink = html_use_index = html_show_sphinx = False
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"
html_theme_options = {
    "navigation_with_keys": False,
    "top_of_page_buttons": [],
    "light_css_variables": {"color-brand-primary": "#005a9c", "color-brand-content": "#005a9c"},
    "dark_css_variables": {
        "color-brand-primary": "#7cc4f8",
        "color-brand-content": "#7cc4f8",
        "color-background-primary": "#030303",  # dark enough for the gray that figures have on both grounds
    },
}


def formula(translator, node, display):
    """A formula as MathML, made now: a page needs no script for it."""
    from docutils.nodes import SkipNode
    from sphinx.util import logging

    tex = node.astext()
    made = mathml(tex, display)
    if made is None:
        logging.getLogger(__name__).warning("no MathML for the formula %s", tex, location=node)
        made = f"<code>{html.escape(tex)}</code>"
    translator.body.append(f'<div class="formula">{made}</div>' if display == "block" else made)
    raise SkipNode


def setup(app):
    app.add_html_math_renderer(
        "mathml",
        (lambda translator, node: formula(translator, node, "inline"), None),
        (lambda translator, node: formula(translator, node, "block"), None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
