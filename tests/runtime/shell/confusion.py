"""What the classifier makes of the labelled commands, as a table, with the time that it takes.

`python -m tests.runtime.shell.confusion` prints it.
"""

import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from runtime.shell import NO_RULES, Verdict, classify
from tests.runtime.shell.corpus import make_repository, read_corpus


def main() -> None:
    counts: Counter[tuple[Verdict, Verdict]] = Counter()
    seconds: list[float] = []
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_repository(Path(folder))
        classify("ls", workspace, rules=NO_RULES)
        for label in Verdict:
            for category, command in read_corpus(label):
                began = time.process_time()
                found = classify(command, workspace)
                seconds.append(time.process_time() - began)
                counts[label, found.verdict] += 1
                if found.verdict is not label:
                    wrong.append(f"{label} → {found.verdict}  [{category}]  {command!r}  {found.reason}")
    print("\n".join(wrong), "\n")
    print(f"{'label':10}" + "".join(f"{each:>10}" for each in Verdict))
    for label in Verdict:
        print(f"{label:10}" + "".join(f"{counts[label, each]:10}" for each in Verdict))
    cuts = statistics.quantiles((each * 1e3 for each in seconds), n=100)
    print(
        f"\n{len(seconds)} commands; processor time p50 {cuts[49]:.2f} ms, p95 {cuts[94]:.2f} ms, p99 {cuts[98]:.2f} ms"
    )


if __name__ == "__main__":
    main()
