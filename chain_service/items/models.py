"""Master data of what a GS1 key names: products, lots, places."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base


class Item(Base):
    """What a partner says of an item or a place. It is not proven, and pages say who says it."""

    __tablename__ = "items"

    name: Mapped[str] = mapped_column(Text, primary_key=True)  # canonical Digital Link
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[int] = mapped_column(BigInteger)
