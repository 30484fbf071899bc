"""Every table of the product, imported once, for migrations and tests."""

from accounts import models as accounts
from assistant import models as assistant
from calendars import models as calendars
from chat import models as chat
from handoff import models as handoff
from knowledge_base import models as knowledge_base
from lookups import models as lookups
from server.db import Base
from tickets import models as tickets

MODULES = (accounts, assistant, calendars, chat, handoff, knowledge_base, lookups, tickets)
ALL_TABLES = tuple(Base.metadata.tables)
