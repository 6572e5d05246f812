"""Our functions in the shape that conformance suites outside this project call."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siks_offline.instrument.nodes import Node


def age_decrypt(data: bytes, identities: Sequence[str], passphrases: Sequence[str]) -> bytes:
    """The profile-free age layer; an identity of a kind we do not have opens nothing."""
    from siks_offline.crypto import age

    ours = [age.Identity.parse(one) for one in identities if "-PQ-" not in one]
    return age.unseal(io.BytesIO(data), ours, passphrases).read()


def xpath_evaluate(expr, xml, node, type, tz, now):  # noqa: A002
    """Evaluate an expression over an XML document, as run_xpath_cases.py asks."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from siks_offline.instrument.expr import Context, parse

    document = xpath_document(xml if xml is not None else "<root/>")
    zone = ZoneInfo(tz) if tz else UTC
    moment = datetime.fromisoformat(now).astimezone(zone) if now else datetime.now(zone)

    def unknown(name: str, _node: Node) -> list[Node]:
        raise LookupError(name)

    (start,) = parse(node).evaluate(Context(document, moment, unknown))
    context = Context(start, moment, unknown)
    expression = parse(expr)
    if type == "boolean":
        return expression.boolean(context)
    if type == "number":
        return expression.number(context)
    text = expression.string(context)
    return text[:10] if type == "date" else text


def xpath_document(xml: str):
    """Build the light tree of an XML text, with its document node, blanks and attributes."""
    from xml.etree import ElementTree as ET

    from siks_offline.instrument.nodes import DOCUMENT, TEXT, Node

    def build(element):
        made = Node(element.tag)
        for name, value in element.attrib.items():
            made.add_attribute(name, value)
        if len(element) == 0:
            made.text = element.text or ""
            return made
        if element.text:
            made.append(Node(TEXT, element.text))
        for child in element:
            made.append(build(child))
            if child.tail:
                made.append(Node(TEXT, child.tail))
        return made

    document = Node(DOCUMENT)
    document.append(build(ET.fromstring(xml)))
    return document
