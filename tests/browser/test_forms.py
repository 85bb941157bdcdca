"""A manager makes a form in the browser: by pointer, by keyboard, with the preview beside it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.looking import look_at
from tests.browser.people import House
from tests.browser.watching import Visitors


def labels(page: Page) -> list[str]:
    """The questions in the order in which they stand on the page."""
    return [field.input_value() for field in page.locator(".question input[name$=-label]").all()]


def test_making_questions(house: House, visitors: Visitors) -> None:
    """Moved by dragging, by arrow keys and by buttons; the preview follows; what stands there is saved."""
    visitors.expect_complaint("status of 400")
    page = house.manager.page
    page.goto("/organisation/questions")
    preview = page.locator("[data-preview]")
    age, gender, issues = "Age", "Gender", "What would you like to talk about?"
    assert labels(page) == [age, gender, issues]
    look_at(page, "organisation-questions")

    # All of it is in sight, as a mouse needs it.
    page.set_viewport_size({"width": 1120, "height": 2400})
    grip = page.get_by_role("button", name="Move question 3:").bounding_box()
    top = page.locator(".question").first.bounding_box()
    assert grip is not None
    assert top is not None
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, top["y"] + 5, steps=8)
    page.mouse.up()
    assert labels(page) == [issues, age, gender]
    expect(page.locator("[data-said]")).to_have_text("This is now question 1 of 3.")

    page.get_by_role("button", name="Move question 1:").focus()
    page.keyboard.press("ArrowDown")
    assert labels(page) == [age, issues, gender]
    expect(page.get_by_role("button", name="Move question 2:")).to_be_focused()
    page.get_by_role("button", name="Move up question 3").click()
    assert labels(page) == [age, gender, issues]
    page.get_by_role("button", name="Move down question 1").click()
    assert labels(page) == [gender, age, issues]
    expect(preview.locator("label").first).to_contain_text(gender)

    second = page.locator(".question").nth(1)
    expect(second.get_by_label("From (optional) of question 2", exact=True)).to_be_hidden()
    second.get_by_label("Answer to question 2").select_option("scale")
    second.get_by_label("From (optional) of question 2", exact=True).fill("1")
    second.get_by_label("To (optional) of question 2", exact=True).fill("4")
    second.get_by_label("Words at its beginning").fill("Young <b>")
    expect(preview.get_by_role("radio")).to_have_count(4)
    expect(preview).to_contain_text("Young <b>")

    page.get_by_role("button", name="Add a question").click()
    expect(page.locator(".question")).to_have_count(4)
    assert labels(page) == [gender, age, issues, ""]
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at(page, "organisation-questions-mistakes")
    last = page.locator(".question").nth(3)
    last.get_by_label("Question of question 4").fill("Are you safe?")
    last.get_by_label("Answer to question 4").select_option("choice")
    for number, text in enumerate(("No", "Yes", "Perhaps"), 1):
        last.get_by_role("button", name="Add a choice").click()
        expect(last.get_by_label(f"Text of choice {number} of question 4")).to_be_focused()
        page.keyboard.type(text)
    last.get_by_label("choice 1 of question 4").and_(page.get_by_role("checkbox")).check()
    last.get_by_role("button", name="Move choice 3 of question 4 up").click()
    last.get_by_role("button", name="Move choice 1 of question 4 down").click()
    last.get_by_role("button", name="Remove choice 1 of question 4").click()
    expect(last.get_by_role("button", name="Add a choice")).to_be_focused()
    expect(preview.get_by_label("Are you safe?").locator("option")).to_have_count(3)
    look_at(page, "organisation-questions-choices")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("status").filter(has_text="The form is saved.")).to_be_visible()
    assert labels(page) == [gender, age, issues, "Are you safe?"]
    for number, (text, is_first) in enumerate((("No", True), ("Yes", False)), 1):
        expect(last.get_by_label(f"Text of choice {number} of question 4")).to_have_value(text)
        ticked = last.get_by_label(f"choice {number} of question 4").and_(page.get_by_role("checkbox"))
        expect(ticked).to_be_checked(checked=is_first)

    page.get_by_label("Language").fill("ar")
    page.get_by_role("button", name="Translate").click()
    look_at(page, "organisation-questions-words")
    for name in ("survey", "record", "statistics"):
        page.goto(f"/organisation/{name}")
        look_at(page, f"organisation-{name}")


def test_rows_of_places(house: House, visitors: Visitors) -> None:
    """A new row has the focus, a mistake is said beside its field, and the arrow keys put places in order."""
    visitors.expect_complaint("status of 400")
    page = house.manager.page
    page.goto("/organisation/texts")
    rows = page.locator("[data-rows=place] > .row")
    for number, (name, contact) in enumerate((("Crisis line", "call us"), ("Shelter", "112"))):
        page.get_by_role("button", name="Add a place").click()
        expect(rows).to_have_count(number + 1)
        expect(rows.nth(number).get_by_label("Name")).to_be_focused()
        page.keyboard.type(name)
        rows.nth(number).get_by_label("Number or link").fill(contact)
    page.keyboard.press("Enter")
    expect(rows.first.get_by_text("Place 1 needs a telephone number or an https:// link.")).to_be_visible()
    look_at(page, "organisation-texts-mistakes")
    rows.first.get_by_label("Number or link").fill("0800 1110111")
    rows.first.get_by_role("button", name="Move place 1:").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-said]")).to_have_text("This is now place 2 of 2.")
    page.get_by_role("button", name="Save the texts").click()
    expect(page.get_by_role("status").filter(has_text="The texts are saved.")).to_be_visible()
    expect(rows.first.get_by_label("Name")).to_have_value("Shelter")
    page.get_by_role("button", name="Remove place 1").click()
    expect(rows).to_have_count(1)
    expect(page.get_by_role("button", name="Add a place")).to_be_focused()
