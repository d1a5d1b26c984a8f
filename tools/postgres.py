"""The database of `.ci/run` on a PostgreSQL server: probe, create, drop."""

from __future__ import annotations

import sys

import psycopg
from psycopg import sql

from tools.progress import give_up


def main() -> int:
    action, server, *names = sys.argv[1:]
    try:
        with psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=5) as connection:
            for name in names:
                # pytest-django makes and drops test_<name>; a run that was killed leaves it behind.
                drop(connection, f"test_{name}")
                drop(connection, name)
                if action == "create":
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.OperationalError as error:
        give_up(f"PostgreSQL: {' '.join(str(error).split())}")
    return 0


def drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


if __name__ == "__main__":
    sys.exit(main())
