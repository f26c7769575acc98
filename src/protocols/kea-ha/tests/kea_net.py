"""Network namespaces of a pair: made, joined for a moment, and taken away.

    PREFIX-lan   bridge br0    10.79.0.0/24   s0 10.79.0.2, s1 10.79.0.3, the clients at PREFIX-c have any hardware address
    PREFIX-ctl   bridge brc    10.79.1.0/24   s0 10.79.1.1:8001, s1 10.79.1.2:8002; the proxy is 10.79.1.12 to s0 and 10.79.1.11 to s1
"""
import contextlib
import ctypes
import os
import subprocess

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
NAMES = ("lan", "ctl", "s0", "s1", "c")
# For each plug: where the bridge is, the bridge, the port at it, the other end, the interface there, its hardware address, its address.
PLUGS = (("lan", "br0", "p0", "s0", "eth0", "02:79:00:00:00:02", "10.79.0.2/24"),
         ("lan", "br0", "p1", "s1", "eth0", "02:79:00:00:00:03", "10.79.0.3/24"),
         ("lan", "br0", "pc", "c", "eth0", "02:79:cc:00:00:01", None),
         ("ctl", "brc", "l0", "s0", "ctl0", "02:79:01:00:00:01", "10.79.1.1/24"),
         ("ctl", "brc", "l1", "s1", "ctl0", "02:79:01:00:00:02", "10.79.1.2/24"))


@contextlib.contextmanager
def in_namespace(name):
    """This thread is in that namespace; sockets that it makes there stay there."""
    def join(descriptor):
        if LIBC.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {name}")
    home, there = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        join(there)
        yield
    finally:
        join(home)
        os.close(home)
        os.close(there)


def run(*words):
    """A command that has to succeed."""
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")


class Net:
    """The namespaces of one pair."""

    def __init__(self, prefix):
        self.prefix = prefix

    def name(self, part):
        return f"{self.prefix}-{part}"

    def up(self):
        for part in NAMES:
            run("ip", "netns", "add", self.name(part))
            run("ip", "-n", self.name(part), "link", "set", "lo", "up")
        for part, bridge in (("lan", "br0"), ("ctl", "brc")):
            run("ip", "-n", self.name(part), "link", "add", bridge, "type", "bridge")
            run("ip", "-n", self.name(part), "link", "set", bridge, "up")
        for at, bridge, port, part, interface, hardware, address in PLUGS:
            run("ip", "-n", self.name(at), "link", "add", port, "type", "veth", "peer", "name", interface,
                "netns", self.name(part))
            run("ip", "-n", self.name(at), "link", "set", port, "master", bridge, "up")
            run("ip", "-n", self.name(part), "link", "set", interface, "address", hardware, "up")
            # Raw sockets see what is sent: no partial checksums.
            run("ip", "netns", "exec", self.name(part), "ethtool", "-K", interface, "tx", "off")
            if address:
                run("ip", "-n", self.name(part), "addr", "add", address, "dev", interface)
        for address in ("10.79.1.11/24", "10.79.1.12/24"):
            run("ip", "-n", self.name("ctl"), "addr", "add", address, "dev", "brc")

    def down(self):
        there = subprocess.run(("ip", "netns", "list"), capture_output=True, text=True).stdout.split()
        for part in NAMES:
            if self.name(part) in there:
                subprocess.run(("ip", "netns", "del", self.name(part)), capture_output=True)

    def plug(self, part, bridge, port, is_in):
        """Takes a port from its bridge, or puts it back: what is sent there is swallowed, and nobody is told."""
        words = ("master", bridge) if is_in else ("nomaster",)
        run("ip", "-n", self.name(part), "link", "set", port, *words)

    def control(self, works):
        for port in ("l0", "l1"):
            self.plug("ctl", "brc", port, works)

    def lan(self, server, works):
        self.plug("lan", "br0", f"p{server}", works)
