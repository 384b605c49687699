"""The real servers start, answer, keep what they promise to keep, and leave nothing behind."""

import asyncio
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nats as nats_client
import psycopg
import pytest
import redis as redis_client
from confluent_kafka import Consumer, Producer, TopicPartition
from tests.servers.kafka import Kafka
from tests.servers.nats import Nats
from tests.servers.postgres import Postgres, forget_memory
from tests.servers.redis import Redis, RedisCluster
from tests.servers.server import Server, program

ROOT = Path(__file__).parents[2]
every_server = pytest.mark.parametrize("make", [Postgres, Redis, Nats, Kafka])


def processes(mark: str) -> list[str]:
    """The command lines of this machine's processes that mention something."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = one.read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if mark in line and int(one.parent.name) != os.getpid():
            found.append(line)
    return found


def has_ended(pidfd: int, *, within: float = 0) -> bool:
    """Whether a process that was opened before has ended, which an open one tells by itself."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    ended = bool(poll.poll(within * 1000))
    os.close(pidfd)
    return ended


def test_postgres_gives_fresh_databases_with_fsync_and_room_for_many_clients(
    postgres: Postgres,
) -> None:
    one, other = postgres.database(), postgres.database()
    with psycopg.connect(one) as connection:
        connection.execute("CREATE TABLE thing ()")
        connection.commit()
        for setting, value in {"fsync": "on", "max_connections": "200"}.items():
            assert connection.execute(f"SHOW {setting}".encode()).fetchone() == (value,)
    with psycopg.connect(other) as connection:
        assert connection.execute("SELECT to_regclass('thing')").fetchone() == (None,)


def test_postgres_can_be_reached_through_its_unix_socket(postgres: Postgres) -> None:
    url = postgres.database()
    with psycopg.connect(url) as tcp, psycopg.connect(postgres.unix(url)) as unix:
        assert unix.info.host == str(postgres.folder)
        names = [one.execute("SELECT current_database()").fetchone() for one in (tcp, unix)]
        assert names[0] == names[1]


def test_postgres_in_a_hurry_does_not_sync() -> None:
    with Postgres(fsync=False) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)


def test_what_postgres_committed_survives_a_kill_and_what_was_not_does_not() -> None:
    with Postgres() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE thing (n integer)")
            connection.execute("INSERT INTO thing VALUES (1)")
        torn = psycopg.connect(server.url)
        torn.execute("INSERT INTO thing VALUES (2)")
        url, backend = server.url, os.pidfd_open(torn.info.backend_pid)
        server.kill()
        assert has_ended(backend)
        with pytest.raises(psycopg.OperationalError):
            torn.commit()
        torn.close()
        server.restart()
        assert server.url == url
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT n FROM thing").fetchall() == [(1,)]
        assert "was not properly shut down" in server.log


def test_what_redis_answered_survives_a_kill() -> None:
    with Redis() as server:
        client = redis_client.Redis.from_url(server.url)
        for number in range(100):
            client.set(f"key{number}", number)
        server.kill()
        server.restart()
        assert client.dbsize() == 100
        client.close()


def test_redis_without_its_file_loses_everything_in_a_kill() -> None:
    with Redis(appendfsync=None) as server:
        client = redis_client.Redis.from_url(server.url)
        assert client.config_get("appendonly") == {"appendonly": "no"}
        client.set("key", 1)
        server.kill()
        server.restart()
        assert client.dbsize() == 0
        client.close()


def test_redis_gives_fresh_databases_over_tcp_and_the_unix_socket(redis: Redis) -> None:
    url = redis.database()
    connect = redis_client.Redis.from_url
    with connect(url) as tcp, connect(redis.unix(url)) as unix:
        tcp.set("key", "value")
        assert unix.get("key") == b"value"
    with connect(redis.database()) as fresh:
        assert fresh.dbsize() == 0


def test_a_cluster_serves_every_slot_and_can_be_emptied(redis_cluster: RedisCluster) -> None:
    with redis_client.RedisCluster.from_url(redis_cluster.url) as client:
        assert len(client.get_primaries()) == 3
        redis_cluster.empty()
        for number in range(300):
            client.set(f"key{number}", number)
        sizes = [client.dbsize(target_nodes=node) for node in client.get_primaries()]
        assert sum(sizes) == 300
        assert all(sizes)
        redis_cluster.empty()
        assert client.dbsize(target_nodes=redis_client.RedisCluster.PRIMARIES) == 0


def test_a_cluster_survives_a_kill_of_all_its_nodes() -> None:
    with RedisCluster() as cluster:
        with redis_client.RedisCluster.from_url(cluster.url) as client:
            client.set("key", "value")
        cluster.kill()
        cluster.restart()
        with redis_client.RedisCluster.from_url(cluster.url) as client:
            assert client.get("key") == b"value"


def test_nats_keeps_a_stream_through_a_kill() -> None:
    async def publish(server: Nats) -> None:
        client = await nats_client.connect(server.url)
        stream = client.jetstream()
        await stream.add_stream(name="events", subjects=["events.>"])
        await stream.publish("events.one", b"first")
        await client.close()

    async def read(server: Nats) -> bytes | None:
        client = await nats_client.connect(server.url)
        message = await client.jetstream().get_last_msg("events", "events.one")
        await client.close()
        return message.data

    with Nats() as server:
        asyncio.run(publish(server))
        server.kill()
        server.restart()
        assert asyncio.run(read(server)) == b"first"


def test_kafka_takes_messages_and_gives_them_back(kafka: Kafka) -> None:
    reports: list[object] = []
    producer = Producer({"bootstrap.servers": kafka.url, "acks": "all", "enable.idempotence": True})
    for number in range(10):
        producer.produce(
            "events", f"{number}", key="a1", on_delivery=lambda error, _: reports.append(error)
        )
    assert producer.flush(10) == 0
    assert reports == [None] * 10
    consumer = Consumer({"bootstrap.servers": kafka.url, "group.id": "test"})
    # joining a group would take three seconds
    consumer.assign([TopicPartition("events", number, 0) for number in range(4)])
    got = consumer.consume(10, timeout=20)
    consumer.close()
    assert [one.value() for one in got] == [str(number).encode() for number in range(10)]


def test_kafka_says_all_its_brokers() -> None:
    with Kafka(brokers=3) as cluster:
        assert len(set(cluster.url.split(","))) == 3
        first = cluster.url
        cluster.restart()
        assert cluster.url != first


@every_server
def test_a_server_is_gone_with_its_folder_when_it_is_closed(make: Callable[[], Server]) -> None:
    with make() as server:
        folder = server.folder
        assert folder.exists()
    assert not server.running
    assert not folder.exists()
    assert processes(str(folder)) == []


@every_server
def test_a_server_that_was_stopped_before_is_gone_too(make: type[Server]) -> None:
    with make() as server:
        folder = server.folder
        server.stop()
    assert not folder.exists()
    assert processes(str(folder)) == []


def test_postgres_leaves_no_shared_memory_behind_when_it_is_closed() -> None:
    def kept() -> list[str]:
        return [line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()]

    with Postgres() as server:
        number = (server.folder / "data" / "postmaster.pid").read_text().splitlines()[6].split()[1]
        assert number in kept()
    assert number not in kept()


@every_server
def test_a_server_dies_with_the_process_that_started_it(make: type[Server]) -> None:
    code = (
        f"from {make.__module__} import {make.__name__} as Server; import time;"
        "server = Server().start(); print(server.folder, server._process.pid, flush=True);"
        "time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as owner:
        assert owner.stdout is not None
        folder, pid = owner.stdout.readline().split()
        watched = os.pidfd_open(int(pid))
        owner.send_signal(signal.SIGKILL)
    assert has_ended(watched, within=10)
    forget_memory(Path(folder))
    shutil.rmtree(folder, ignore_errors=True)  # a child of it may just be ending


def test_a_server_that_is_paused_answers_when_it_is_resumed(redis: Redis) -> None:
    with redis_client.Redis.from_url(redis.url, socket_timeout=0.1) as client:
        client.ping()
        redis.pause()
        with pytest.raises(redis_client.TimeoutError):
            client.ping()
        redis.resume()
        assert client.ping()


class Misled(Redis):
    def _settings(self) -> dict[str, str]:
        return {**super()._settings(), "appendfsync": "sometimes"}


def test_a_server_that_cannot_start_says_why_and_leaves_nothing_behind() -> None:
    server = Misled()
    folder = server.folder
    with pytest.raises(RuntimeError, match=r"argument.s. must be one of the following"), server:
        pass
    assert not folder.exists()


def test_a_server_on_a_port_that_is_taken_is_not_mistaken_for_the_other(redis: Redis) -> None:
    second = Redis()
    second.port = redis.port
    with pytest.raises(RuntimeError, match=f"port {redis.port} is taken"), second:
        pass


def test_a_missing_program_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match=r"no nosuchd found: run `sh tests/install.sh`"):
        program("nosuchd")
