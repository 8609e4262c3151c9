#!/usr/bin/python3
"""tests/bench/vquota.py - the file of mailbox sizes, beside MariaDB's own program writing the same rows

Run by tests/bench/run. The legs alternate; each writes its file anew.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

BIN, CONFIG, DATA = (os.environ["POSTREEVE_" + name] for name in ("BIN", "CONFIG", "DATA"))
OURS, THEIRS = os.path.join(DATA, "vquota"), os.path.join(DATA, "vquota.tsv")
ROWS = """SELECT m.username, CASE WHEN m.quota > 0 AND m.quota < 51200000 THEN m.quota ELSE 51200000 END
  FROM mailbox m STRAIGHT_JOIN domain d ON d.domain = m.domain AND d.active = 1 WHERE m.active = 1 ORDER BY m.username"""


def mariadb(account, sql, *options, **more):
    return subprocess.run(["mariadb", f"--defaults-file={os.path.join(DATA, account)}", *options, "-e", sql, "postreeve"],
                          check=True, **more)


def measured(words):
    """(seconds, MiB at most)"""
    began = time.monotonic()
    child = os.posix_spawn(words[0], words, os.environ)
    _, status, used = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"{words}: status {status}")
    return time.monotonic() - began, used.ru_maxrss / 1024


def ours():
    for path in (OURS, OURS + ".db"):
        if os.path.exists(path):
            os.unlink(path)
    return measured([os.path.join(BIN, "postreeve-lookup"), "-c", CONFIG, "vquota", "--out", OURS, "--postmap", "none",
                     "--no-domain-defaults"])


def theirs():
    began = time.monotonic()
    with open(THEIRS, "wb") as file:
        mariadb("root.cnf", ROWS, "--quick", "-N", stdout=file)
        os.fsync(file.fileno())
    return time.monotonic() - began


def lines(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def main():
    options = argparse.ArgumentParser(allow_abbrev=False)
    options.add_argument("--rounds", type=int, default=7)
    rounds = options.parse_known_args()[0].rounds
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    with open(OURS, "rb") as mine, open(THEIRS, "rb") as other:
        if any(a.split() != b.split() for a, b in zip(mine, other)) or lines(OURS) != lines(THEIRS):
            sys.exit("vquota: the two files say different things")
    rows, most = lines(OURS), max(memory for (_, memory), _ in pairs)
    took, yard = (statistics.median(values) for values in zip(*((o[0], t) for o, t in pairs)))
    ratio = statistics.median(o[0] / t for o, t in pairs)
    print(f"\nvquota: {rows} mailboxes, {rounds} rounds")
    print(f"  postreeve-lookup vquota   {took:6.2f} s   {most:5.1f} MiB at most")
    print(f"  mariadb --quick -N        {yard:6.2f} s")
    print(f"  ratio {ratio:.2f} (to reach: 1.5){'' if ratio <= 1.5 else '  <- off its mark'}")
    mariadb("root.cnf", "UPDATE domain SET active = (domain = 'big.bench.example')")
    try:
        _, fewer = ours()
    finally:
        mariadb("root.cnf", "UPDATE domain SET active = 1")
    print(f"  memory for {lines(OURS)} of them {fewer:.1f} MiB (to reach: the same){'' if most < fewer + 1 else '  <- off its mark'}")


if __name__ == "__main__":
    main()
