"""How milestones are refused: one problem that names everything that is wrong, each with its code."""

from collections.abc import Sequence

from chain_service.errors import Problem
from chain_service.events.milestones.errors import FORBIDDEN, Error, error
from chain_service.events.service import Refusal


def refused(errors: Sequence[Error]) -> Problem:
    """422, or 403 where nothing is wrong but that the organisation may not; of the code where all have one."""
    codes = {each["code"] for each in errors}
    detail = str(errors[0]["detail"]) if len(errors) == 1 else f"{len(errors)} things are wrong; nothing was stored."
    if codes == {"role-may-not-state"}:
        return Problem(403, "role-may-not-state", "Your roles do not allow this step", detail, errors)
    if codes <= FORBIDDEN:
        return Problem(403, "not-permitted", "The brand does not let you post this", detail, errors)
    if codes == {"unknown-item"}:
        return Problem(422, "unknown-item", "Nobody knows this item", detail, errors)
    if codes == {"recalled-item"}:
        return Problem(422, "recalled-item", "This item is recalled", detail, errors)
    return Problem(422, "invalid-milestone", "The milestone is not what is due", detail, errors)


def already_posted(event_id: str) -> Problem:
    """409: the same was posted a moment ago."""
    detail = (
        f"Your organisation posted this step for these items, at this place, within 15 minutes: {event_id}. "
        'Where it happened again, send "repeat": true.'
    )
    return Problem(
        409,
        "already-posted",
        "This was posted already",
        detail,
        [error("", "already-posted", detail, eventID=event_id)],
    )


def not_stored(refusals: Sequence[Refusal]) -> Problem:
    """403 or 409: why events were not stored."""
    errors = [{**refusal.as_json(), "code": refusal.kind} for refusal in refusals]
    status, first = (409 if refusals[0].kind == "conflict" else 403), refusals[0]
    return Problem(status, first.kind, "Nothing was stored", first.detail, errors)
