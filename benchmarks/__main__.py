"""`python -m benchmarks [NAME …] [--json]`: all figures, or those of the named parts."""

import argparse
import importlib
import json
import sys

from benchmarks.figures import Figure, machine

PARTS = ("capture", "imports", "signatures", "passports", "sealing", "gas", "pages", "gateway", "parts")


def main() -> int:
    """Prints every figure as soon as it is measured; returns 1 when one missed its target."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PARTS)}; all where none is given")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end, nothing else")
    options = parser.parse_args()
    if unknown := set(options.names) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    found: list[Figure] = []
    place = machine()
    if not options.json:
        print(", ".join(f"{name} {value}" for name, value in place.items()), flush=True)
    for name in options.names or PARTS:
        for figure in importlib.import_module(f"benchmarks.{name}").run():
            found.append(figure)
            if not options.json:
                print(f"\n{figure.lines()}", flush=True)
    if options.json:
        print(json.dumps({"machine": place, "figures": [figure.as_json() for figure in found]}, indent=2))
    return 1 if any(figure.ok is False for figure in found) else 0


if __name__ == "__main__":
    sys.exit(main())
