"""The weights as a table, for those who can't see the drawing or want the numbers."""

from sheetnet.net.terms import Term, label
from sheetnet.report.check.html.view import NetView
from sheetnet.report.html.markup import Markup, element
from sheetnet.report.places import place_of
from sheetnet.report.wording import wording

MOST_WEIGHTS = 240
"""Weights up to which there is a table; a larger one is the sheet itself."""


def weight_table(view: NetView) -> Markup | None:
    """Return each weight at the first and the last step, and the right one in the end where it is known."""
    net, say = view.net, view.wording
    weights = sorted(term for term in net.layout.columns if term.kind == "w" and term in net.own)
    if not 0 < len(weights) <= MOST_WEIGHTS:
        return None
    place = "cell" if net.layout.pages else "column"
    keys = ["weight", place, "first", "last"] + ["right_last"] * (net.right is not None)
    heads = [element("th", say(key), scope="col") for key in keys]
    rows = [element("tr", _cells(view, term)) for term in weights]
    table = element("table", element("thead", element("tr", heads)), element("tbody", rows))
    box = element(
        "div", table, class_="scroll", tabindex="0", role="region", aria_label=view.named("weights")
    )
    return element("details", element("summary", say("weight_table")), box)


def _cells(view: NetView, term: Term) -> list[Markup]:
    net, say = view.net, view.wording
    own = net.own[term]
    layout = net.layout
    name = layout.own_name(term) or say("of_layer", label=label(term), layer=term.layer)
    texts = [
        place_of(layout, [term], wording(say.code)),
        say.number(float(own[0]), 8),
        say.number(float(own[-1]), 8),
    ]
    if net.right is not None:
        texts.append(say.number(float(net.right[term][-1]), 8) if term in net.right else "")
    return [element("th", name, scope="row"), *(element("td", text) for text in texts)]
