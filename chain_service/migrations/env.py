"""Alembic's entry: it runs inside the connection that chain_service.db.migrate opened."""

from alembic import context

import chain_service.anchoring.models
import chain_service.chain.models
import chain_service.events.imports.models
import chain_service.events.milestones.models
import chain_service.events.models
import chain_service.items.models
import chain_service.partners.disclosure
import chain_service.partners.models
import chain_service.partners.people.models
import chain_service.partners.posting
import chain_service.partners.sites  # noqa: F401
from chain_service.db import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
