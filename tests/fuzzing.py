"""Seeded mutations of files, and forked processes in which a crash, a hang or a full memory is seen."""

import copy
import os
import random
import resource
import signal
import struct

import flatbuffers
import numpy as np
from ai_edge_litert.schema_py_generated import ModelT

# inputs for each test; `make fuzz` sets 10,000
COUNT = int(os.environ.get("ECGSEG_FUZZ", "40"))
# for one input, far more than any needs; the second limit is for one that waits, on however busy a computer
PROCESSOR_SECONDS, SECONDS = 20, 600
MEMORY = 8 * 2**30  # bytes of address space
BATCH = 20  # inputs for each process
INTEGERS = (-(2**31), -128, -2, -1, 0, 1, 2, 3, 127, 128, 255, 256, 2**15, 2**16, 2**31 - 1)
REALS = (0.0, -0.0, -1.0, float("nan"), float("inf"), -float("inf"), 1e-45, 1e-38, 1e38, 1.0)


def generator(*place) -> random.Random:
    "Return the random numbers of one input, which depend on nothing but its place, such as its number."
    return random.Random(repr(place))


def mutated_bytes(content: bytes, rng: random.Random) -> bytes:
    "Change, insert, delete, repeat or cut off some bytes."
    content = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        place, length = rng.randrange(len(content) + 1), rng.choice((1, 1, 2, 4, 16, 100))
        kind = rng.randrange(7)
        if kind == 0:
            content[place : place + length] = rng.randbytes(length)
        elif kind == 1 and place < len(content):
            content[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            content[place : place + 4] = struct.pack("<i", rng.choice(INTEGERS))
        elif kind == 3:
            del content[place : place + length]
        elif kind == 4:
            content[place:place] = content[rng.randrange(len(content) + 1) :][:length]
        elif kind == 5:
            content[place:place] = str(rng.choice(INTEGERS + REALS)).encode()
        elif rng.random() < 0.3:
            del content[place:]
    return bytes(content)


def _places(part) -> list:
    "List the items and attributes below a part of a parsed model, with their owners."
    if isinstance(part, np.ndarray):
        return [(part, place) for place in range(min(len(part), 64))]
    if isinstance(part, list):
        own = [(part, place) for place in range(len(part))]
        return own + [below for item in part for below in _places(item)]
    attributes = vars(part) if hasattr(part, "__dict__") else {}
    own = [(part, name) for name in attributes]
    return own + [below for value in attributes.values() for below in _places(value)]


def _another(value, rng: random.Random):
    "Return another value of the same kind, or none at all."
    if isinstance(value, (bool, np.bool_)):
        return not value
    if isinstance(value, (int, np.integer)):
        return rng.choice((*INTEGERS, int(value) + 1, int(value) - 1, rng.randrange(210)))
    if isinstance(value, (float, np.floating)):
        return rng.choice((*REALS, 2 * float(value), -float(value)))
    if isinstance(value, bytes):
        return rng.choice((None, b"", b"\xff", 1000 * b"a"))
    if isinstance(value, np.ndarray):
        return rng.choice((None, value[:0], value[: len(value) // 2], value[:-1], np.tile(value, 2)))
    if isinstance(value, list) and value:
        kept = [item for item in value if rng.random() < 0.8]
        return rng.choice((None, kept, rng.sample(value, len(value)), value + value[:1]))
    return None


def mutated_model(content: bytes, rng: random.Random) -> bytes:
    "Change some values of a `.tflite` file, whose structure stays whole."
    for _ in range(100):
        model = copy.deepcopy(ModelT.InitFromPackedBuf(content, 0))
        try:
            for _ in range(rng.choice((1, 1, 1, 2, 3))):
                owner, place = rng.choice(_places(model))
                if isinstance(place, str):
                    setattr(owner, place, _another(getattr(owner, place), rng))
                else:
                    owner[place] = _another(owner[place], rng)
            builder = flatbuffers.Builder(len(content))
            builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
            return bytes(builder.Output())
        except (TypeError, AttributeError, OverflowError, ValueError):
            continue  # not every value can be written
    raise AssertionError("no mutation could be written")


def _attempt(read, number: int, allowed: tuple) -> str:
    "Return `ran`, `refused`, or what else happened."
    signal.setitimer(signal.ITIMER_PROF, PROCESSOR_SECONDS)
    signal.alarm(SECONDS)
    try:
        read(number)
        return "ran"
    except allowed:
        return "refused"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:300].replace("\n", " ")


def _run_batch(read, numbers, allowed: tuple, write_end: int):
    "Attempt all inputs of a batch in a forked process, which never returns."
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        for number in numbers:
            os.write(write_end, f"{number} {_attempt(read, number, allowed)}\n".encode(errors="replace"))
    finally:
        os._exit(0)


def outcomes(read, count: int = COUNT, allowed: tuple = (ValueError, OSError)) -> dict[int, str]:
    """Call `read(number)` for 0 to `count` - 1 in forked processes; return number → outcome.

    The outcome is `ran`, `refused` for an allowed error, the message of any other error, or the signal that
    ended the process (27, SIGPROF, and 14, SIGALRM: it hung).
    """
    found, begin = {}, 0
    while begin < count:
        read_end, write_end = os.pipe()
        process = os.fork()
        if not process:
            _run_batch(read, range(begin, min(begin + BATCH, count)), allowed, write_end)
        os.close(write_end)
        with os.fdopen(read_end, errors="replace") as pipe:
            lines = pipe.read().splitlines()
        _, status = os.waitpid(process, 0)
        found |= {int(number): outcome for number, outcome in (line.split(" ", 1) for line in lines)}
        begin += len(lines)
        if status:
            found[begin] = f"signal {os.WTERMSIG(status)}"
            begin += 1
    return found
