"""DHCP clients that keep a record of what they hold, to the millisecond: by their own DHCPACKs and nothing else.

A client sends frames to one server by its hardware address, so that it is known who was asked; with `server=None` to all.
"""
import json
import os
import select
import socket
import struct
import threading
import time

from kea_net import PLUGS, in_namespace

KINDS = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 5: "ACK", 6: "NAK", 7: "RELEASE"}
BROADCAST = b"\xff" * 6
SERVERS = {server: (address.split("/")[0], bytes.fromhex(hardware.replace(":", "")))
           for server, (_, _, _, _, _, hardware, address) in enumerate(PLUGS[:2])}
# Of linux/if_packet.h; the socket module has no names for them.
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_IGNORE_OUTGOING = 263, 1, 23


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Record:
    """What every client was told, and from when to when each holds which address."""

    def __init__(self, path):
        self.file, self.leases, self.refused = open(path, "w", buffering=1), [], []

    def tell(self, client, what, **more):
        self.file.write(json.dumps({"at": round(time.time(), 3), "client": client, "what": what, **more}) + "\n")

    def over(self, client, at, why):
        for lease in self.leases:
            if lease["client"] == client and lease["until"] > at:
                lease.update(until=at, why=why)

    def hold(self, client, address, server, asked, told, length):
        self.over(client, told, "a newer one")
        self.leases.append({"client": client, "address": address, "server": server, "from": told, "until": asked + length,
                            "why": "lease time"})

    def held(self, client, at):
        """The address that a client holds; None: none."""
        return next((x["address"] for x in self.leases if x["client"] == client and x["from"] <= at < x["until"]), None)

    def duplicates(self):
        """Every two clients that hold one address at one time: the address, both leases, from when to when."""
        found = []
        for number, one in enumerate(self.leases):
            for other in self.leases[:number]:
                begins, ends = max(one["from"], other["from"]), min(one["until"], other["until"])
                if one["address"] == other["address"] and one["client"] != other["client"] and ends - begins >= 0.001:
                    found.append((one["address"], other, one, begins, ends))
        return sorted(found, key=lambda duplicate: duplicate[3])


class Client:
    """One client: its hardware address, its socket, its transaction."""

    def __init__(self, net, record, name, hardware):
        self.record, self.name, self.hardware = record, name, bytes.fromhex(hardware.replace(":", ""))
        self.xid, self.address, self.waits = 0, None, None
        with in_namespace(net.name("c")):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.socket.bind(("eth0", 0))
            membership = struct.pack("IHH8s", socket.if_nametoindex("eth0"), 1, 0, b"")
        # Promiscuous: answers go to hardware addresses that the interface does not have.
        self.socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)

    def send(self, kind, server, options=b"", ciaddr="0.0.0.0", secs=0, unicast=False):
        """Sends a packet whose frame goes to one server, or to all."""
        source = ciaddr if unicast else "0.0.0.0"
        target = SERVERS[server][0] if unicast else "255.255.255.255"
        flags = 0 if unicast else 0x8000
        packet = struct.pack(">BBBBIHH4s12s16s192s4s", 1, 1, 6, 0, self.xid, secs, flags, socket.inet_aton(ciaddr), b"",
                             self.hardware, b"", b"\x63\x82\x53\x63")
        packet += bytes([53, 1, kind]) + options + bytes([55, 4, 1, 51, 54, 58, 255])
        packet = packet.ljust(300, b"\0")
        ends = socket.inet_aton(source) + socket.inet_aton(target)
        length = 8 + len(packet)
        udp = struct.pack(">HHHH", 68, 67, length, 0) + packet
        udp = udp[:6] + struct.pack(">H", checksum(ends + struct.pack(">BBH", 0, 17, length) + udp) or 0xffff) + udp[8:]
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, 17, 0) + ends
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        to = BROADCAST if server is None else SERVERS[server][1]
        self.socket.send(to + self.hardware + b"\x08\x00" + ip + udp)
        self.record.tell(self.name, KINDS[kind], to=server)

    def hear(self, patience):
        """The next answer to this transaction as (kind, address, server, lease time); None: there is none."""
        end = time.time() + patience
        while (left := end - time.time()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                return None
            frame = self.socket.recv(2048)
            if frame[12:14] == b"\x08\x06":
                self.resolve(frame)
                continue
            if frame[12:14] != b"\x08\x00" or frame[23] != 17:
                continue
            udp = frame[14 + (frame[14] & 15) * 4:]
            packet = udp[8:]
            if udp[:4] != struct.pack(">HH", 67, 68) or packet[4:8] != struct.pack(">I", self.xid):
                continue
            options, rest = {}, packet[240:]
            while rest and rest[0] != 255:
                if rest[0] == 0:
                    rest = rest[1:]
                    continue
                options[rest[0]], rest = rest[2:2 + rest[1]], rest[2 + rest[1]:]
            kind, address = KINDS.get(options[53][0], "?"), socket.inet_ntoa(packet[16:20])
            identifier = socket.inet_ntoa(options.get(54, b"\0" * 4))
            server = next((number for number, (known, _) in SERVERS.items() if known == identifier), None)
            length = int.from_bytes(options.get(51, b""), "big")
            self.record.tell(self.name, kind, address=address, server=server, lease=length)
            return kind, address, server, length
        return None

    def resolve(self, frame):
        """Answers ARP for the address that the client has, so that a server can answer it there."""
        if self.address and frame[20:22] == b"\0\1" and frame[38:42] == socket.inet_aton(self.address):
            answer = struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, 2, self.hardware, frame[38:42], frame[22:28], frame[28:32])
            self.socket.send(frame[22:28] + self.hardware + b"\x08\x06" + answer)

    def begin(self):
        """A new transaction; what came before is thrown away, and nobody waits for it any more."""
        self.xid = 0
        if self.waits:
            self.waits.join()
        while select.select([self.socket], [], [], 0)[0]:
            self.socket.recv(2048)
        self.xid = int.from_bytes(os.urandom(4), "big")

    def discover(self, server, address=None, patience=3):
        """The address that a server offers; `address` is what the client would like to have. Asks again, as clients do."""
        self.begin()
        wish = bytes([50, 4]) + socket.inet_aton(address) if address else b""
        end = time.time() + patience
        while (left := end - time.time()) > 0:
            self.send(1, server, wish)
            again = time.time() + min(left, 0.5)
            while (left := again - time.time()) > 0:
                heard = self.hear(left)
                if heard and heard[0] == "OFFER":
                    return heard[1]
        return None

    def ask(self, server, address):
        """Asks for an address, or for more time if it is the one that the client has. Does not wait for the answer.

        The answer is awaited by a thread: it may be parked, and comes when it comes."""
        asked = time.time()
        if self.address == address and self.record.held(self.name, asked):
            self.begin()
            self.send(3, server, ciaddr=address, unicast=True)
        else:
            offered = self.discover(server, address)
            if offered != address:
                raise AssertionError(f"{self.name} asked s{server} for {address} and was offered {offered}")
            asked = time.time()
            self.send(3, server, bytes([50, 4]) + socket.inet_aton(address) + bytes([54, 4]) + socket.inet_aton(SERVERS[server][0]))
        self.waits = threading.Thread(target=self.await_answer, args=(asked, self.xid), daemon=True)
        self.waits.start()

    def await_answer(self, asked, xid, patience=40):
        end = time.time() + patience
        while (left := end - time.time()) > 0 and self.xid == xid:
            try:
                heard, told = self.hear(min(left, 0.2)), time.time()
            except OSError:
                return None         # the network is gone
            if heard is None or self.xid != xid:
                continue
            kind, address, server, length = heard
            if kind == "ACK":
                self.address = address
                return self.record.hold(self.name, address, server, asked, told, length)
            if kind == "NAK":
                if self.record.held(self.name, told):
                    self.record.refused.append((self.name, self.address, server, told))
                self.record.over(self.name, told, "NAK")
                self.address = None
                return None
        return None

    def release(self, server):
        """Gives the lease back. There is no answer to that."""
        self.begin()
        self.send(7, server, bytes([54, 4]) + socket.inet_aton(SERVERS[server][0]), ciaddr=self.address, unicast=True)
        self.record.over(self.name, time.time(), "released")
        self.address = None
