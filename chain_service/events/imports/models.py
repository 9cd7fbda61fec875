"""Tables of imports. What a file says is encrypted under a data key of its import."""

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base
from chain_service.events.models import Fingerprint
from chain_service.partners.vault import ID_BYTES


class Import(Base):
    """One uploaded file and how far it is. Times in Unix milliseconds."""

    __tablename__ = "imports"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # milestones or items
    state: Mapped[str] = mapped_column(String(16), index=True)  # reading, ready, posting, stopped, done, failed
    visibility: Mapped[int] = mapped_column(SmallInteger)  # what its reporter asked for, as Event.narrowed
    zone: Mapped[str] = mapped_column(String(64))  # where the file's clock stands
    key: Mapped[bytes] = mapped_column(LargeBinary(ID_BYTES))  # of the vault; destroyed there with the import
    print: Mapped[bytes] = mapped_column(Fingerprint)  # of the file, to know it again
    name: Mapped[bytes] = mapped_column(LargeBinary)  # encrypted: the file's name
    file: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted; until its rows are read
    about: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted: see service.About
    rows: Mapped[int] = mapped_column(Integer, default=0)
    wrong: Mapped[int] = mapped_column(Integer, default=0)
    posted: Mapped[int] = mapped_column(Integer, default=0)
    refused: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)
    started_at: Mapped[int | None] = mapped_column(BigInteger)  # posting
    finished_at: Mapped[int | None] = mapped_column(BigInteger)
    holder: Mapped[str | None] = mapped_column(String(64))  # the process that works on it,
    held_until: Mapped[int] = mapped_column(BigInteger, default=0)  # until then, unless it says so again


class ImportChunk(Base):
    """Some hundred rows in a row: read, checked and posted together, each time in one transaction."""

    __tablename__ = "import_chunks"

    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    first: Mapped[int] = mapped_column(Integer, primary_key=True)  # number of its first row in the file
    last: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary)  # encrypted: see service.Line
    faulty: Mapped[int] = mapped_column(Integer)  # rows of it that are wrong or refused
    waiting: Mapped[int] = mapped_column(Integer)  # rows of it that are right and not posted yet
