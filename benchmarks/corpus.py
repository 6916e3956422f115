"""Seeded generators of the texts that benchmarks read: the same bytes on every machine.

`python -m benchmarks.corpus NAME FILE` writes one. Knows shapes, not tools.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

SEED = 20_261_120
_WORDS = [
    "api",
    "auth",
    "batch",
    "billing",
    "cache",
    "catalog",
    "checkout",
    "core",
    "edge",
    "feed",
    "gateway",
    "graph",
    "index",
    "ingest",
    "ledger",
    "mail",
    "media",
    "notify",
    "order",
    "pay",
    "portal",
    "proxy",
    "queue",
    "report",
    "search",
    "session",
    "store",
    "stream",
    "sync",
    "token",
    "user",
    "vault",
    "web",
    "worker",
]
_REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1")


def _deployment(chance: random.Random, number: int) -> str:
    name = f"{chance.choice(_WORDS)}-{chance.choice(_WORDS)}-{number}"
    team = chance.choice(_WORDS)
    port = chance.randrange(3000, 9000)
    variables = "".join(
        f"        - name: {word.upper()}_URL\n          value: http://{word}.{team}.svc:{port}/v1\n"
        for word in chance.sample(_WORDS, chance.randrange(1, 3))
    )
    return f"""---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {team}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {team}
    tier: {chance.choice(("frontend", "backend", "data"))}
  annotations:
    owner: "team-{team}@example.com"
    handbook: 'yes'
spec:
  replicas: {chance.randrange(1, 12)}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      serviceAccountName: {team}
      containers:
      - name: {name}
        image: registry.example.com/{team}/{name}:1.{chance.randrange(40)}.{chance.randrange(9)}
        imagePullPolicy: IfNotPresent
        args: ["--listen=:{port}", "--region={chance.choice(_REGIONS)}"]
        ports:
        - containerPort: {port}
          protocol: TCP
        env:
{variables}        resources:
          requests: {{cpu: {chance.randrange(50, 900)}m, memory: {chance.randrange(64, 512)}Mi}}
          limits:
            memory: {chance.randrange(512, 2048)}Mi
        livenessProbe:
          httpGet:
            path: /healthz
            port: {port}
          initialDelaySeconds: {chance.randrange(1, 30)}
          periodSeconds: 10
        securityContext:
          runAsNonRoot: true
          readOnlyRootFilesystem: {chance.choice(("true", "false"))}
"""


def deployments(count: int = 8_500) -> Iterator[str]:
    """Kubernetes deployments, a document each of about 1.2 kB."""
    chance = random.Random(SEED)
    for number in range(count):
        yield _deployment(chance, number)


def inventory(count: int = 60_000) -> Iterator[str]:
    """One document: hosts with flow lists and scalars of every kind, 150 bytes each."""
    chance = random.Random(SEED)
    yield "hosts:\n"
    for number in range(count):
        roles = ", ".join(chance.sample(_WORDS, chance.randrange(1, 4)))
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        yield (
            f"  {chance.choice(_WORDS)}{number:05}:\n"
            f"    address: {address}\n"
            f"    ports: [22, {chance.randrange(1024, 9999)}, {chance.randrange(1024, 65535)}]\n"
            f"    roles: [{roles}]\n"
            f"    enabled: {chance.choice(('true', 'false'))}\n"
            f"    weight: {chance.random():.3f}\n"
            f"    rack: {chance.choice(('null', '~', 'r' + str(chance.randrange(99))))}\n"
            f'    note: "{chance.choice(_REGIONS)}"\n'
        )


CORPORA: dict[str, Callable[[], Iterator[str]]] = {
    "deployments": deployments,
    "inventory": inventory,
}


def write(name: str, path: Path) -> int:
    """Writes a corpus; returns its bytes."""
    path.write_text("".join(CORPORA[name]()), encoding="utf-8")
    return path.stat().st_size


if __name__ == "__main__":
    print(write(sys.argv[1], Path(sys.argv[2])), "bytes")
