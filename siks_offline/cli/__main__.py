"""Run the `siks` command with `python -m siks_offline.cli`, and as the frozen program."""

from __future__ import annotations

import sys


def main() -> int:
    """Run one command; the frozen program also reads workbooks for itself in a child."""
    if sys.argv[1:2] == ["--baca-lembar"]:
        from siks_offline.export import sheet_child

        return int(sheet_child.main(sys.argv[2:]) or 0)
    from siks_offline import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
