"""Whether duties are done by their last day, for the figures (procedure section 13)."""

from law.figures import Punctuality
from law.stays import is_overdue
from law.vocabulary import WaitKind
from messages.snapshot import Wait
from workflows.procedure.change import Change


def note_punctuality(change: Change, wait: Wait) -> None:
    """A duty with a last day is done: in time or late, by the moment at which it is on record."""
    if wait.kind is not WaitKind.DUTY or wait.term is None or wait.deadline is None:
        return
    late = is_overdue(wait.kind, wait.deadline, change.moment.now, stayed=False)
    case, term = change.case, wait.term
    kept = case.so_far.duties.get(term, Punctuality()).and_once(late=late)
    case.so_far = case.so_far.model_copy(update={"duties": {**case.so_far.duties, term: kept}})
