"""Names of libraries in (none: all); how many of their recordings we understand exactly out: `python -m corpus.score`."""

import sys

from corpus import recording, verdict


def main(names: list[str]) -> None:
    """A line per case that is neither exact nor known to be lost, then one per library. Run from `tests`."""
    table: list[str] = []
    totals = [0, 0, 0, 0]
    for library in sorted({case.split("/")[0] for case in recording.cases()}):
        if names and library not in names:
            continue
        counts = [0, 0, 0, 0]
        for case in recording.cases(library):
            found = verdict.of(case)
            counts[3] += 1
            explained = recording.reason(case)
            if found.exact:
                counts[0] += 1
            elif explained and not found.wrong:
                counts[1] += 1
            else:
                counts[2] += 1
                print(f"{case}: {_said(found)}")
        tested = "" if library in recording.libraries() else "   (no expectations yet)"
        table.append("{:24} {:5} {:5} {:6} {:6}".format(library, *counts) + tested)
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
    print(f"\n{'':24} exact  lost  wrong  cases   (lost: the bytes don't hold it, and expected/ says why)")
    print("\n".join(table))
    print("{:24} {:5} {:5} {:6} {:6}".format("all", *totals))


def _said(found: verdict.Verdict) -> str:
    counted = {
        "not seen": found.missing,
        "seen as failed": found.crashed,
        "of other ids": found.other_ids,
        "with tokens unknown": found.tokens_unknown,
        "with parts unknown": found.parts_unknown,
    }
    return "; ".join([*found.wrong, *(f"{count} {what}" for what, count in counted.items() if count)])


if __name__ == "__main__":
    main(sys.argv[1:])
