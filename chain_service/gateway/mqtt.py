"""The door to the broker: one persistent session at QoS 1, whose messages are acknowledged when told so, not before.

The broker keeps what comes while this gateway is away, and sends again what was not acknowledged.
"""

import logging
import queue
import ssl
import sys
import threading
from collections import Counter
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from chain_service.gateway.config import Broker, secret
from chain_service.gateway.flood import Buckets
from chain_service.gateway.intake import Arrived
from chain_service.kit.clock import now_ms

log = logging.getLogger(__name__)
_KEEPALIVE_SECONDS = 30
_SESSION_SECONDS = 0xFFFFFFFF  # MQTT 5: the session ends only when the broker's own limit says so
_MOST_WAITING = 20_000  # messages between the network and the database; then the broker waits
_RECONNECT_SECONDS = (1, 60)


class Delivered(NamedTuple):
    """A message and what acknowledges it: its number, in the connection it came by."""

    message: Arrived
    number: int
    connection: int


class Subscription:
    """`waiting`: messages not stored yet. `connected`, `refused`: for who asks how it goes."""

    def __init__(self, broker: Broker, buckets: Buckets) -> None:
        self._broker = broker
        self._buckets = buckets
        self._prefix = f"{broker.topic}/"
        self._connection = 0
        self._lock = threading.Lock()
        self._dropped: Counter[str] = Counter()
        self._stopping = False
        self.waiting: queue.Queue[Delivered] = queue.Queue(_MOST_WAITING)
        self.connected = False
        self.connected_at = 0  # Unix milliseconds
        self.refused: str | None = None
        self.sessions_lost = 0
        self._client = self._made()

    def start(self) -> None:
        """Connects, and again whenever the connection is lost, until stop()."""
        properties = None
        if self._five:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = _SESSION_SECONDS
        host, port = self._broker.host, self._broker.port
        if self._five:
            self._client.connect_async(host, port, _KEEPALIVE_SECONDS, clean_start=False, properties=properties)
        else:
            self._client.connect_async(host, port, _KEEPALIVE_SECONDS)
        self._client.loop_start()

    def stop(self) -> None:
        """Ends the connection; the session stays at the broker, with all that was not acknowledged."""
        self._stopping = True
        self._client.disconnect()
        self._client.loop_stop()

    def acknowledge(self, delivered: Delivered) -> None:
        """Tells the broker that a message is on disk; one of an earlier connection comes again, and is known then."""
        if delivered.connection == self._connection:
            self._client.ack(delivered.number, 1)

    def dropped(self) -> Counter[str]:
        """Messages of floods since the last call, by device."""
        with self._lock:
            taken, self._dropped = self._dropped, Counter()
        return taken

    @property
    def _five(self) -> bool:
        return self._broker.protocol == "5"

    def _made(self) -> paho.Client:
        broker = self._broker
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            broker.client_id,
            clean_session=None if self._five else False,
            protocol=MQTTProtocolVersion.MQTTv5 if self._five else MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if broker.user:
            client.username_pw_set(broker.user, secret(broker.password_file))
        if broker.tls:
            client.tls_set(
                ca_certs=str(broker.ca_file) if broker.ca_file else None,
                certfile=str(broker.certificate_file) if broker.certificate_file else None,
                keyfile=str(broker.key_file) if broker.key_file else None,
                tls_version=ssl.PROTOCOL_TLS_CLIENT,
            )
        client.reconnect_delay_set(*_RECONNECT_SECONDS)
        client.enable_logger(log)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, client: paho.Client, _: Any, flags: paho.ConnectFlags, reason: ReasonCode, __: Properties | None
    ) -> None:
        if reason.is_failure:
            self.refused = f"the broker refuses this gateway: {reason}"
            log.error(self.refused)
            return
        if self._connection and not flags.session_present:
            self.sessions_lost += 1
            log.error("the broker lost this gateway's session: what it held for us meanwhile is gone")
        self._connection += 1
        self.connected_at = now_ms()
        self.connected, self.refused = True, None
        client.subscribe(f"{self._prefix}+/readings", qos=1)

    def _on_connect_fail(self, *_: Any) -> None:
        why = sys.exc_info()[1] or "no connection"
        log.warning("the broker at %s:%d: %s", self._broker.host, self._broker.port, why)

    def _on_disconnect(self, *_: Any) -> None:
        self.connected = False
        if not self._stopping:
            log.warning("the connection to the broker is lost")

    def _on_subscribe(self, _: paho.Client, __: Any, ___: int, reasons: list[ReasonCode], ____: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            self.refused = f"the broker does not let this gateway read {self._prefix}+/readings"
            log.error(self.refused)

    def _on_message(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        device = _device(message, self._prefix)
        if not self._buckets.take(device, len(message.payload)):
            with self._lock:
                self._dropped[device] += 1
            if message.qos:
                self._client.ack(message.mid, message.qos)
            return
        delivered = Delivered(Arrived(device, bytes(message.payload), now_ms()), message.mid, self._connection)
        while not self._stopping:
            try:
                return self.waiting.put(delivered, timeout=1)
            except queue.Full:
                continue


def _device(message: paho.MQTTMessage, prefix: str) -> str:
    try:
        topic = message.topic
    except UnicodeDecodeError:
        return "(not text)"
    return str(topic).removeprefix(prefix).removesuffix("/readings")
