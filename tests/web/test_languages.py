"""The language a page begins in."""

from __future__ import annotations

import json

import pytest
import pytest_twisted

from hotline.web.languages import Language, accepted, ordered
from tests.web.conftest import LANGUAGES, House

async_test = pytest_twisted.ensureDeferred

SPOKEN = [
    Language(tag=tag, name=name, direction=direction, texts={}, words={})
    for tag, name, direction in LANGUAGES
]


@pytest.mark.parametrize(
    ("wanted", "accept", "expected"),
    [
        (["en", "de"], "", ["en", "de"]),
        (["en", "de"], "de-AT,de;q=0.9,en;q=0.8", ["de", "en"]),
        (["de", "en"], "fr, nl;q=0.9", ["de", "en"]),
        (["de-x-informal", "de"], "de", ["de-x-informal", "de"]),
        (["de", "de-x-informal"], "de-x-informal", ["de-x-informal", "de"]),
        (["AR-eg", "en", "ar"], "ar-SA", ["ar", "en"]),
        (["tr"], "tr, de;q=0.5", ["en"]),
        (["en", "de"], "de;q=0, en;q=0.1", ["en", "de"]),
        (["en", "de"], "de;q=much, *;q=0.5, ;;, =", ["en", "de"]),
        ([], "ar", ["en"]),
    ],
)
def test_the_browser_chooses_among_the_organisations(
    wanted: list[str], accept: str, expected: list[str]
) -> None:
    """First what suits the browser, then the organisation's order; never nothing."""
    assert [language.tag for language in ordered(SPOKEN, wanted, accept)] == expected


def test_weights() -> None:
    """The most wanted first, equals in their order, nonsense left out."""
    assert accepted("de;q=0.5, EN, fr;q=0.9, xx;q=7, yy;q=nan, es") == ["en", "es", "fr", "de"]


@async_test
async def test_the_page_says_its_language(house: House) -> None:
    """lang and dir are right before any script runs, and the catalog is fetched at once."""
    browser = await house.manager()
    for header, address, tag, direction in (
        ("ar-EG, en;q=0.5", "/clientlist", "ar", "rtl"),
        ("de-AT", "/clientlist", "de", "ltr"),
        ("de-AT", "/clientlist?language=ar", "ar", "rtl"),
        ("nl", "/clientlist", "en", "ltr"),
    ):
        page = await browser.get(address, accept_language=header)
        assert page.get("html").attributes["lang"] == tag
        assert page.get("html").attributes["dir"] == direction
        assert page.get("link", rel="modulepreload").attributes["href"] == f"/static/assets/console-{tag}.js"
        offered = json.loads(page.get("div", id="console").attributes["data-languages"])
        assert offered[0]["tag"] == tag
        assert len(offered) == len(LANGUAGES)
        assert page.header("vary") == "Accept-Language"
