"""What a Kafka topic holds, read by a real consumer."""

from confluent_kafka import Consumer, Message, TopicPartition
from tests.servers.kafka import Kafka


def messages(kafka: Kafka, topic: str) -> list[Message]:
    """All of a topic's messages, by partition and place."""
    consumer = Consumer({"bootstrap.servers": kafka.url, "group.id": "tests"})
    wanted: list[TopicPartition] = []
    total = 0
    for partition in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
        first, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
        wanted.append(TopicPartition(topic, partition, first))
        total += end - first
    consumer.assign(wanted)
    found: list[Message] = []
    while len(found) < total and (more := consumer.consume(total - len(found), timeout=10)):
        found += more
    consumer.close()
    return sorted(found, key=lambda one: (one.partition() or 0, one.offset() or 0))
