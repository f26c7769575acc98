"""A proxy for the commands between two Kea servers, which holds, lets go, swallows or refuses them by their kind.

It stands in the control link's place: each server takes it for its partner. A command belongs to a *way* (`s0>s1` is what s0 asks
of s1) and to a *kind* (heartbeat, update, sync, notify, other). Of each way and kind there is a gate, open or shut.
"""
import itertools
import json
import select
import socket
import threading
import time

from kea_net import in_namespace

KINDS = {"ha-heartbeat": "heartbeat", "lease4-update": "update", "lease4-del": "update", "dhcp-disable": "sync",
         "lease4-get-page": "sync", "ha-sync-complete-notify": "notify", "dhcp-enable": "notify"}
# Octets of the longest request or answer that is passed on.
LONGEST = 1 << 20


class Request:
    """A command that waits at a gate, or has passed it."""

    numbers = itertools.count(1)

    def __init__(self, way, command, arguments):
        self.way, self.command, self.arguments, self.number = way, command, arguments, next(Request.numbers)
        self.kind = KINDS.get(command, "other")
        self.order = None           # what is to become of it: go, refuse, swallow, reset
        self.held_up = False        # its sender may be gone before it is passed on
        self.answered = None        # when the answer was passed back; False: it will not be


def read_message(sock):
    """The head and the body of an HTTP message; None: the other side has closed."""
    octets = b""
    while b"\r\n\r\n" not in octets:
        more = sock.recv(65536)
        if not more or len(octets) > LONGEST:
            return None
        octets += more
    head, _, body = octets.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(body) < min(length, LONGEST):
        more = sock.recv(65536)
        if not more:
            return None
        body += more
    return head, body


def parsed(body):
    """A command or an answer as a dict; an answer may come in a list of one."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, dict) else {}


class Proxy:
    """Gates, and what waits at them. `note` is told of every request and answer."""

    def __init__(self, namespace, note):
        self.namespace, self.note = namespace, note
        self.changed = threading.Condition()
        self.shut, self.waiting = set(), []
        self.dates_ahead = 0        # seconds by which the answers of s1 are made to say a later time, and those of s0 an earlier
        self.listeners, self.ended = [], False

    # ---------------------------------------------------------------- steering
    def gate(self, way, kind, is_shut):
        """Shuts a gate, or opens it; what waits there goes on, unless it is held up."""
        with self.changed:
            (self.shut.add if is_shut else self.shut.discard)((way, kind))
            if not is_shut:
                for request in self.at(way, kind):
                    request.order = request.order or "go"
            self.changed.notify_all()

    def at(self, way, kind):
        """What waits at a gate, oldest first."""
        return [r for r in self.waiting if (r.way, r.kind) == (way, kind) and not r.held_up and r.order is None]

    def one_at(self, way, kind, place=0, patience=10):
        """The request at that place of those that wait, as soon as it is there."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.at(way, kind)) > place, patience)
            waiting = self.at(way, kind)
            if len(waiting) <= place:
                raise AssertionError(f"no {kind} {place} of {way} waits at the proxy")
            return waiting[place]

    def do(self, request, order, patience=10):
        """Says what becomes of a request, and waits until it has."""
        with self.changed:
            request.order = order
            self.changed.notify_all()
            self.changed.wait_for(lambda: request.answered is not None, patience)

    def hold_up(self, request):
        """The request waits, whatever becomes of its sender."""
        with self.changed:
            request.held_up = True

    def late(self):
        """The request that was held up."""
        with self.changed:
            return next(r for r in self.waiting if r.held_up)

    def swallow(self):
        """What waits and is not held up is never passed on; its connections are left open."""
        with self.changed:
            for request in self.waiting:
                if not request.held_up and request.order is None:
                    request.order = "swallow"
            self.changed.notify_all()

    def reset(self, way):
        """The kernel of a server that is gone refuses what is on its way to it."""
        with self.changed:
            for request in self.waiting:
                if request.way == way and not request.held_up and request.kind != "heartbeat" and request.order is None:
                    request.order = "reset"
            self.changed.notify_all()

    # ---------------------------------------------------------------- passing on
    def route(self, way, listen, source, target):
        """Takes what one server sends to `listen`, and passes it on to `target`, as from `source`."""
        with in_namespace(self.namespace):
            listener = socket.create_server(listen, backlog=64)
        listener.settimeout(0.2)
        self.listeners.append(listener)

        def accept():
            while not self.ended:
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                except OSError:
                    return
                connection.settimeout(None)
                threading.Thread(target=self.serve, args=(way, connection, source, target), daemon=True).start()
        threading.Thread(target=accept, daemon=True).start()

    def serve(self, way, connection, source, target):
        """One connection, request by request."""
        try:
            while message := read_message(connection):
                command = parsed(message[1])
                request = Request(way, command.get("command", "?"), command.get("arguments") or {})
                self.note(way, request, None)
                order = self.wait_at_gate(request, connection)
                answer = self.answer(order, request, message, source, target)
                with self.changed:
                    request.answered = time.time() if answer else False
                    self.waiting.remove(request)
                    self.changed.notify_all()
                if answer is None:
                    return
                self.note(way, request, parsed(answer[1]))
                connection.sendall(answer[0] + b"\r\n\r\n" + answer[1])
        except OSError:
            pass                    # the sender has given up
        finally:
            connection.close()

    def wait_at_gate(self, request, connection):
        with self.changed:
            self.waiting.append(request)
            if (request.way, request.kind) not in self.shut:
                request.order = "go"
            self.changed.notify_all()
        while True:
            with self.changed:
                if self.changed.wait_for(lambda: self.ended or request.order not in (None, "swallow"), 0.05):
                    return request.order
            # A sender that has given up closes its connection.
            if not request.held_up and select.select([connection], [], [], 0)[0]:
                if not connection.recv(1, socket.MSG_PEEK):
                    return "reset"

    def answer(self, order, request, message, source, target):
        """What is passed back: the partner's answer, or an error that it did not give; None: the connection ends."""
        if order == "refuse":
            body = json.dumps([{"result": 1, "text": "ResourceBusy: IP address is being changed by another request"}]).encode()
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d" % len(body)
            return head, body
        if order != "go":
            return None
        try:
            with in_namespace(self.namespace):
                partner = socket.create_connection(target, 5, (source, 0))
            with partner:
                partner.settimeout(30)
                partner.sendall(message[0] + b"\r\n\r\n" + message[1])
                answer = read_message(partner)
        except OSError:
            return None
        return answer and self.dated(request, answer)

    def dated(self, request, answer):
        """The clocks differ as far as heartbeats tell: the answer says another time."""
        if not self.dates_ahead or request.kind != "heartbeat":
            return answer
        value = json.loads(answer[1])
        one = value[0] if isinstance(value, list) else value
        shift = self.dates_ahead if request.way == "s0>s1" else -self.dates_ahead
        date = time.gmtime(time.time() + shift)
        one["arguments"]["date-time"] = time.strftime("%a, %d %b %Y %H:%M:%S GMT", date)
        body = json.dumps(value).encode()
        lines = [line for line in answer[0].split(b"\r\n") if not line.lower().startswith(b"content-length")]
        return b"\r\n".join(lines + [b"Content-Length: %d" % len(body)]), body

    def close(self):
        """Ends all connections."""
        with self.changed:
            self.ended = True
            self.changed.notify_all()
        for listener in self.listeners:
            listener.close()
