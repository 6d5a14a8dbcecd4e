"""Runs a compiler, but for each object once: python launcher.py STORE COMPILER ARGUMENTS...

The packages and libraries that tests build have their sources in common, in several folders. What
an object holds follows from the compiler, the flags and what the preprocessor makes of the source;
where the store has the object of the same three, a copy of it is what the compiler would write. The
preprocessor runs every time, in the tree that is compiled: a header that is missing there fails
there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = re.compile(r".*\.(c|cc|cpp|cxx)")
# Those of the preprocessor are in what it prints, with a second word or in one.
READ = re.compile(r"-([IDU]|isystem|iquote|include|o|MF|MT|MQ)")
READ_WHOLE = re.compile(r"-([IDUM].+|c)")
WARNING = re.compile(r"-W(?![alp],).*|-w|-[pP]edantic")
# An object with places in it is of one folder: debug information, and what sanitizers report.
LOCAL = re.compile(r"-g(?!0$).*|-fsanitize.*")


def flags(words: list[str]) -> list[str]:
    """What of a command decides on an object beside the text."""
    compiler, rest = shutil.which(words[0]) or words[0], iter(words[1:])
    found = {"": str(Path(compiler).resolve())}  # g++ may go by the name of c++
    for word in rest:
        if READ.fullmatch(word):
            next(rest)
        elif re.fullmatch(r"-O.*|-g.?", word):  # the last one counts
            found[word[:2]] = word
        elif not READ_WHOLE.fullmatch(word) and not SOURCE.fullmatch(word):
            found[word] = word  # of these, none takes another back
    return sorted(found.values())


def names(command: list[str]) -> list[str]:
    """What an object is called in the store; nothing where the compiler is better left alone.

    The last name leaves warnings out, since they change no object. Where they are errors the first
    one tells that the object has stood them.
    """
    decisive = flags(command)
    if any(LOCAL.fullmatch(word) for word in decisive) or not {"-c", "-o"} <= set(command):
        return []
    at = command.index("-o")
    preprocess = ["-E" if word == "-c" else word for word in command[:at] + command[at + 2 :]]
    read = subprocess.run([*preprocess, "-P"], capture_output=True, check=False)
    if read.returncode:
        return []  # the compiler says it again
    strict = any(word.startswith("-Werror") for word in decisive)
    silent = [word for word in decisive if not WARNING.fullmatch(word)]
    return [
        hashlib.sha256(read.stdout + "\0".join(words).encode()).hexdigest()
        for words in ([decisive] if strict else []) + [silent]
    ]


def main(store: Path, command: list[str]) -> int:
    """The compiler's exit status."""
    objects = [store / f"{name}.o" for name in names(command)]
    if not objects:
        os.execvp(command[0], command)
    made = Path(command[command.index("-o") + 1])
    with (store / f"{objects[-1].stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # who comes second waits, and copies
        if objects[0].exists():
            made.write_bytes(objects[0].read_bytes())
            return 0
        if status := subprocess.call(command):
            return status
        for kept in objects:
            part = kept.with_suffix(".part")
            part.write_bytes(made.read_bytes())
            part.rename(kept)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
