"""Plain HTML elements, which browsers and screen readers know better than any widget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from markupsafe import Markup
from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement


class Text(TextElement):
    """An element with text in it; the text is never read as HTML.

    Args:
        tag: HTML tag.
        text: what it says.
        classes: CSS classes.
    """

    def __init__(self, tag: str, text: str = "", classes: str = "") -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)


def attributes(element: Element, **values: str | bool) -> None:
    """Set HTML attributes; an underscore in a name stands for a hyphen.

    By name and value, not as a line of text, so that no quote in a value can end it.
    """
    for name, value in values.items():
        element.props[name.replace("_", "-")] = value
    element.update()


_ONE_PRESS: Final = "(event) => { if (event.detail < 2) emit(); }"
"""The browser counts presses; the second one of a double press is nobody's wish."""


def button(text: str, pressed: Callable[[], Awaitable[None] | None], *, classes: str = "") -> Text:
    """A button; a double press counts once, and so does one while the first is still at work."""
    made = Text("button", text, f"plain {classes}")
    made.props["type"] = "button"
    made.on("click", _Once(pressed), js_handler=_ONE_PRESS)
    return made


class _Once:
    """Two at once would write a note twice, or have a room refuse what it has just done."""

    def __init__(self, pressed: Callable[[], Awaitable[None] | None]) -> None:
        self._pressed = pressed
        self._at_work = False

    async def __call__(self) -> None:
        if self._at_work:
            return
        self._at_work = True
        try:
            waiting = self._pressed()
            if waiting is not None:
                await waiting
        finally:
            self._at_work = False


def markup(content: Markup, tag: str = "div") -> ui.html:
    """HTML of our own templates, which escape every value."""
    return ui.html(content, sanitize=False, tag=tag)
