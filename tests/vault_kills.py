"""Writers that are killed: at each call that they make of the system, and at any time.

The texts are run by ``vault_runs.apart`` after one that imports ``itertools, json, os, random,
signal, sys, time`` and has ``prepare()``, ``write()``, ``found()`` that tells a state, ``left()``
whether temporary files are there, ``again()`` whether the same work finishes, ``ALL_NEW`` and
``counts``.
"""

from __future__ import annotations

# Before, in the middle of, and after each call that a writer makes of the system.
AT_EACH_CALL = """
NAMES = ("open", "write", "fsync", "close", "chmod", "replace", "link", "unlink", "mkdir", "pwrite")

def killed(moment, number):
    calls = itertools.count(1)

    def wrapped(name, function):
        def call(*words, **named):
            if next(calls) != number:
                return function(*words, **named)
            if moment == "after":
                function(*words, **named)
            elif moment == "amid" and name == "write":
                function(words[0], bytes(words[1])[: len(words[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return call

    for name in NAMES:
        setattr(os, name, wrapped(name, getattr(os, name)))
    write()

for moment in ("before", "amid", "after"):
    for number in itertools.count(1):
        prepare()
        child = os.fork()
        if child == 0:
            try:
                killed(moment, number)
                os._exit(0)
            except BaseException as error:
                os.write(2, repr(error).encode())
            os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        counts[found()] += 1
        counts["left"] += left()
        if code != -signal.SIGKILL:
            assert code == 0 and found() == ALL_NEW and not left()
            break
        assert again()
print(json.dumps(counts))
"""
AT_ANY_TIME = """
chance = random.Random(1)
prepare()
# In a process of its own too, which takes longer than the writing alone.
begun = time.monotonic()
child = os.fork()
if child == 0:
    write()
    os._exit(0)
os.waitpid(child, 0)
once = time.monotonic() - begun
for _ in range(200):
    prepare()
    child = os.fork()
    if child == 0:
        write()
        os._exit(0)
    time.sleep(chance.uniform(0, 1.5 * once))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    counts[found()] += 1
    counts["left"] += left()
assert again()
print(json.dumps(counts))
"""
