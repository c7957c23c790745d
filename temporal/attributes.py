"""The custom search attributes of a batch; registered when a worker starts.

On PostgreSQL a namespace has room for 10 Keyword and 3 of each other kind. Never a person's name in them:
search attributes are not encrypted.
"""

from temporalio.common import SearchAttributeKey

PHASE = SearchAttributeKey.for_keyword("ChoujianPhase")
WAITING_FOR = SearchAttributeKey.for_keyword_list("ChoujianWaitingFor")
NEXT_DEADLINE = SearchAttributeKey.for_datetime("ChoujianNextDeadline")
OVERDUE = SearchAttributeKey.for_bool("ChoujianOverdue")
OUTCOME = SearchAttributeKey.for_keyword("ChoujianOutcome")
