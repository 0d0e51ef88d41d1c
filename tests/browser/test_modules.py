"""Each view's script is a module that a browser loads by itself, and, with what it shares, as one text."""

from __future__ import annotations

from pathlib import Path

import pytest

import helpers
from helpers import show
from helpers.explorers import engine

HELPERS = Path(helpers.__file__).parent
SCRIPTS = sorted(path for path in HELPERS.rglob("*.js") if path != show.BASE and path.parent != engine.HERE)
ADDRESS = "http://course.test"
EXPORTS = """async (address) =>
  Object.entries((await import(address)).default).map(([name, one]) => `${name}: ${typeof one}`)"""
JOINED = "(text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))"


@pytest.fixture
def blank(browser):
    """A page of an origin whose files are those of `helpers`."""
    page = browser.new_page()

    def served(route) -> None:
        name = route.request.url.removeprefix(f"{ADDRESS}/")
        if name.endswith(".js"):
            route.fulfill(path=HELPERS / name, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>a page</title>", content_type="text/html")

    page.route(f"{ADDRESS}/**", served)
    page.goto(f"{ADDRESS}/")
    yield page
    page.close()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_a_view_loads_alone_and_joined(blank, path):
    both = ["initialize: function", "render: function"]
    alone = blank.evaluate(EXPORTS, f"{ADDRESS}/{path.relative_to(HELPERS).as_posix()}")
    assert sorted(alone) == both  # a name that show.js does not export would be a SyntaxError
    assert sorted(blank.evaluate(EXPORTS, blank.evaluate(JOINED, show.module(path)))) == both


# --- asking -------------------------------------------------------------------------------------------

ASKING = """async ([address, script]) => {
  const { asking } = await import(address);
  const [values, handlers, log] = [{ state: {}, reply: {}, note: "" }, {}, []];
  const model = {
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      handlers[`change:${name}`]?.();
    },
    save_changes: () => log.push(`sent ${values.state.text}`),
    on: (event, handler) => { handlers[event] = handler; },
    off: (event) => { delete handlers[event]; },
  };
  const question = asking(model, {
    answered: (reply, own) => log.push(`drawn ${reply.text}${own ? "" : " (another's)"}`),
    failed: () => log.push("failed"),
    busy: (is) => log.push(is ? "busy" : "idle"),
  });
  const ask = (text) => question.ask({ text });
  const reply = (number, text) => model.set("reply", { ask: number, text });
  const note = (text) => model.set("note", text);
  const seen = () => log.push(`note: ${question.node.textContent}`);
  new Function("ask", "reply", "note", "seen", "stop", script)(ask, reply, note, seen, question.stop);
  return log;
}"""
CASES = {
    "what is asked meanwhile waits, and the last of it goes": (
        "ask('a'); ask('b'); ask('c'); reply(1, 'a'); reply(2, 'c')",
        "busy, sent a, busy, busy, drawn a, busy, sent c, drawn c, idle",
    ),
    "an older answer never comes after a newer one": (
        "ask('a'); reply(1, 'a'); ask('b'); reply(2, 'b'); reply(1, 'a')",
        "busy, sent a, drawn a, idle, busy, sent b, drawn b, idle",
    ),
    "another view of the output asked": (
        "ask('a'); reply(1, 'a'); reply(2, 'x'); ask('b'); reply(1, 'late')",
        "busy, sent a, drawn a, idle, drawn x (another's), busy, sent b",
    ),
    "an error is shown, and the same one again": (
        "ask('a'); note('ValueError'); seen(); ask('a'); seen(); note('ValueError'); seen()",
        "busy, sent a, failed, idle, note: ValueError, busy, sent a, note: , failed, idle, note: ValueError",
    ),
    "a note that comes with its answer is not an error": (
        "ask('a'); reply(1, 'a'); note('cut'); seen()",
        "busy, sent a, drawn a, idle, note: cut",
    ),
    "after the end nothing is heard": ("ask('a'); stop(); reply(1, 'a')", "busy, sent a"),
}


@pytest.mark.parametrize("case", CASES)
def test_asking(blank, case):
    script, expected = CASES[case]
    assert ", ".join(blank.evaluate(ASKING, [f"{ADDRESS}/show.js", script])) == expected
