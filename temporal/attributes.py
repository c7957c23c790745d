"""The custom search attributes of a batch; registered when a worker starts.

What changes seldom only, for each change costs the server about as much as a step; the waits are asked of the
inbox (``GET /tasks``). On PostgreSQL a namespace has room for 10 Keyword and 3 of each other kind. Never a
person's name in them: search attributes are not encrypted.
"""

from temporalio.common import SearchAttributeKey

PHASE = SearchAttributeKey.for_keyword("ChoujianPhase")
OVERDUE = SearchAttributeKey.for_bool("ChoujianOverdue")
OUTCOME = SearchAttributeKey.for_keyword("ChoujianOutcome")
