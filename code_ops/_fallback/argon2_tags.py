"""One tag by argon2-cffi, which runs the reference implementation in C without the GIL.

Owns the memory that this takes: malloc would keep some for each thread when it is over, so that a
budget did not hold.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from code_ops.argon2_strings import Variant
from code_ops.errors import EngineError


@dataclass(frozen=True, slots=True)
class Request:
    """What a tag is computed from; the secrets are not in its ``repr``."""

    variant: Variant
    version: int
    memory_kib: int
    iterations: int
    lanes: int
    length: int
    password: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    pepper: bytes = field(repr=False)


@cache
def library() -> Any:
    """The module ``argon2.low_level``; raises EngineError when it is not there."""
    try:
        from argon2 import low_level
    except ImportError as error:
        message = "the python engine needs argon2-cffi: pip install 'code-ops[fallback]'"
        raise EngineError(message) from error
    return low_level


def compute(request: Request, threads: int) -> bytes:
    """The tag, its lanes on so many threads; raises MemoryError when there is no memory for it."""
    code, tag = _attempt(request, threads)
    lib = library().lib
    if code == lib.ARGON2_THREAD_FAIL:
        code, tag = _attempt(request, 1)
    if code == lib.ARGON2_MEMORY_ALLOCATION_ERROR:
        raise MemoryError(f"no memory for a hash of {request.memory_kib} KiB")
    if code != lib.ARGON2_OK:
        raise EngineError(f"argon2-cffi: {library().error_to_str(code)}")
    return tag


@cache
def _allocator() -> tuple[Any, Any]:
    """Two functions for C, which take memory of the system and give it back at once."""
    ffi = library().ffi
    areas: dict[int, mmap.mmap] = {}

    def allocate(memory: Any, size: int) -> int:
        try:
            area = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except (OSError, OverflowError, MemoryError):
            # The pointer stays null, which says it.
            return 1
        # No reference to the area's buffer is kept: it could not be closed while there was one.
        address = int(ffi.cast("uintptr_t", ffi.from_buffer(area)))
        areas[address] = area
        memory[0] = ffi.cast("uint8_t *", address)
        return 0

    def free(memory: Any, _size: int) -> None:
        areas.pop(int(ffi.cast("uintptr_t", memory))).close()

    try:
        return ffi.callback("allocate_fptr", allocate), ffi.callback("deallocate_fptr", free)
    except MemoryError:
        # A hardened system has no memory for code that is made at run time; malloc has to do.
        return ffi.NULL, ffi.NULL


def _attempt(request: Request, threads: int) -> tuple[int, bytes]:
    ffi, lib = library().ffi, library().lib
    names = {
        "argon2id": lib.Argon2_id,
        "argon2i": lib.Argon2_i,
        "argon2d": lib.Argon2_d,
    }
    # The structure holds no references, so that these have to live until the call is over.
    out = ffi.new("uint8_t[]", request.length)
    password = ffi.new("uint8_t[]", request.password)
    salt = ffi.new("uint8_t[]", request.salt)
    pepper = ffi.new("uint8_t[]", request.pepper)
    context = ffi.new("argon2_context *")
    context.out, context.outlen = out, request.length
    context.pwd, context.pwdlen = password, len(request.password)
    context.salt, context.saltlen = salt, len(request.salt)
    context.secret, context.secretlen = pepper, len(request.pepper)
    context.ad, context.adlen = ffi.NULL, 0
    context.t_cost, context.m_cost = request.iterations, request.memory_kib
    context.lanes, context.threads = request.lanes, threads
    context.version = request.version
    context.allocate_cbk, context.free_cbk = _allocator()
    # The copies of the secrets are overwritten as soon as they have been read.
    context.flags = lib.ARGON2_FLAG_CLEAR_PASSWORD | lib.ARGON2_FLAG_CLEAR_SECRET
    code = library().core(context, names[request.variant])
    return code, bytes(ffi.buffer(out))
