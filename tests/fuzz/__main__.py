"""Drive one parser with coverage-guided noise: `python -m tests.fuzz TARGET --seconds N`.

Needs atheris (dependency group `fuzz`, Linux). What breaks a parser is written to a folder, whose
name is told; put it into `tests/fuzz/temuan/<target>/`, where an ordinary test looks at it for ever.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="a folder kept between campaigns")
    args = parser.parse_args()
    try:
        import atheris
    except ImportError:
        print("skipped: atheris is not installed (dependency group fuzz)")
        return 0
    with atheris.instrument_imports(include=["siks_offline"]):
        from tests.fuzz.targets import FOUND, LONGEST, TARGETS
    if args.target not in TARGETS:
        parser.error(f"one of: {' '.join(TARGETS)}")
    target = TARGETS[args.target]
    corpus = args.corpus or Path(tempfile.mkdtemp(prefix=f"siks-fuzz-{target.name}-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"benih-{number}").write_bytes(seed)
    for known in (FOUND / target.name).glob("*"):
        (corpus / known.name).write_bytes(known.read_bytes())
    crashes = corpus.with_name(corpus.name + "-temuan")
    crashes.mkdir(exist_ok=True)
    print(f"corpus {corpus}, crashes {crashes}", flush=True)
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-max_total_time={args.seconds}",
            f"-max_len={LONGEST * 6}",
            "-timeout=10",
            "-rss_limit_mb=1024",
            f"-artifact_prefix={crashes}/",
            "-print_final_stats=1",
        ],
        target,
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
