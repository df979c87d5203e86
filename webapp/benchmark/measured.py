"""What a benchmark run found, by section, and how it is told."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Figures:
    """Figures by section and name; each is a number or numbers by name."""

    sections: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, section: str, name: str, figure: Any) -> None:
        """Keep a figure, and print it at once: a long run that is stopped has told what it knew."""
        self.sections.setdefault(section, {})[name] = figure
        print(f"{section:9s} {name:44s} {_told(figure)}", flush=True)

    def get(self, section: str, name: str) -> Any:
        return self.sections.get(section, {}).get(name)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.sections, indent=1, ensure_ascii=False))


def machine() -> dict[str, Any]:
    """Return what the figures depend on, with the load that others made when it began."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "unknown",
    )
    return {"cpu": cpu, "cores": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0]}


def _told(figure: Any) -> str:
    if isinstance(figure, dict):
        return "  ".join(f"{name} {_told(value)}" for name, value in figure.items())
    return f"{figure:g}" if isinstance(figure, float) else str(figure)
