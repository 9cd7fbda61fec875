"""A figure: what was measured, beside what, and whether it is as good as it should be."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`reference` is what `reference_name` reached in the same run, in the same unit; `ok` is None without a target."""

    title: str
    ours: float
    unit: str
    reference: float | None = None
    reference_name: str = ""
    target: str = ""
    ok: bool | None = None

    @property
    def ratio(self) -> float | None:
        """Ours to the reference."""
        return self.ours / self.reference if self.reference else None

    def as_json(self) -> dict[str, Any]:
        """All of it, with the ratio."""
        return {**asdict(self), "ratio": self.ratio}

    def lines(self) -> str:
        """Two or three lines for people."""
        told = [f"{self.title}\n    {_number(self.ours)} {self.unit}"]
        if self.reference is not None:
            told.append(f"{self.reference_name}: {_number(self.reference)} {self.unit}")
        if self.ratio is not None:
            told.append(f"ratio {self.ratio:.2f}")
        if self.target:
            told.append(f"target {self.target}: {'ok' if self.ok else 'MISSED'}")
        return "\n    ".join(told)


def against(title: str, ours: float, unit: str, name: str, reference: float, at_least: float) -> Figure:
    """A figure that should be at least so many times a reference."""
    return Figure(title, ours, unit, reference, name, f"ratio at least {at_least:g}", ours >= at_least * reference)


def within(title: str, ours: float, unit: str, at_most: float) -> Figure:
    """A figure with a limit of its own."""
    return Figure(title, ours, unit, target=f"at most {_number(at_most)} {unit}", ok=ours <= at_most)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of all, such as 0.95, does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def machine() -> dict[str, Any]:
    """Where and when: figures of two machines are not comparable, ratios nearly are."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),  # other work on the machine makes figures worse
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
