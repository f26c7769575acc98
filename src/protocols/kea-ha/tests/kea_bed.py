"""Two Kea servers with high availability, in namespaces of their own: started, killed, asked, and what they write down.

`s0` is the primary, `s1` the secondary or standby one, as in the models. Lengths of time keep the order that the models declare:
heartbeat-delay < time-out of a command (10 s, compiled in) < max-response-delay < lease.
"""
import glob
import json
import os
import re
import signal
import socket
import subprocess
import time

from kea_client import Client, Record
from kea_net import Net
from kea_proxy import Proxy

KEA = "/usr/sbin/kea-dhcp4"
HEARTBEAT, RESPONSE, LEASE, UNACKED = 0.7, 11, 120, 2
POOLS = {"hot-standby": [("10.79.0.10 - 10.79.0.19", None)],
         "load-balancing": [("10.79.0.10 - 10.79.0.19", "HA_s0"), ("10.79.0.110 - 10.79.0.119", "HA_s1")]}
URLS = ("http://10.79.1.1:8001/", "http://10.79.1.2:8002/")
# What each server takes for its partner: the proxy.
PARTNERS = ("http://10.79.1.12:8002/", "http://10.79.1.11:8001/")
# Hardware addresses that neither server answers: the same list on both, as is usual.
DROPPED = "02:dd"
TRANSITION = re.compile(r"HA_STATE_TRANSITION (?:\S+: )?server (?:\S+ )?transitions from (\S+) to (\S+) state")
NORMAL = ("LOAD-BALANCING", "HOT-STANDBY")


class Bed:
    """A pair, its clients and its records, all in one folder."""

    def __init__(self, folder, mode, split=True, **parameters):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.mode, self.split, self.parameters = folder, mode, split, parameters
        self.net = Net(f"kea{os.getpid()}")
        self.processes, self.captures = {}, []
        self.record = Record(f"{folder}/clients.jsonl")
        self.commands = open(f"{folder}/commands.jsonl", "w", buffering=1)
        self.proxy = Proxy(self.net.name("ctl"), self.note)

    def note(self, way, request, answer):
        line = {"at": round(time.time(), 4), "way": way, "command": request.command, "request": request.number}
        line |= {"arguments": request.arguments} if answer is None else {"answer": answer}
        self.commands.write(json.dumps(line) + "\n")

    # ---------------------------------------------------------------- up and down
    def up(self):
        self.net.up()
        self.proxy.route("s0>s1", ("10.79.1.12", 8002), "10.79.1.11", ("10.79.1.2", 8002))
        self.proxy.route("s1>s0", ("10.79.1.11", 8001), "10.79.1.12", ("10.79.1.1", 8001))
        self.capture("lan", "br0", "lan", "udp port 67 or udp port 68")
        self.capture("s0", "ctl0", "control", "tcp")

    def capture(self, part, interface, name, what):
        """The control link is captured as an operator of s0 would do it: what s0 sends and gets."""
        words = ("ip", "netns", "exec", self.net.name(part), "tcpdump", "-Z", "root", "--immediate-mode", "-i", interface,
                 "-U", "-s", "0", "-w", f"{self.folder}/{name}.pcap", what)
        process = subprocess.Popen(words, stderr=subprocess.PIPE)
        # It says that it listens when it does.
        while b"listening" not in process.stderr.readline():
            if process.poll() is not None:
                raise RuntimeError("tcpdump has ended")
        self.captures.append(process)

    def down(self):
        for server in list(self.processes):
            self.keep_status(server)
        for server in list(self.processes):
            self.kill(server, signal.SIGTERM)
        for process in self.captures:
            process.terminate()
            process.wait()
        self.proxy.close()
        self.net.down()

    # ---------------------------------------------------------------- servers
    def configuration(self, server):
        balances = self.mode == "load-balancing"
        pools = POOLS[self.mode] if self.split else [(pool, None) for pool, _ in POOLS[self.mode][:1]]
        urls = [URLS[server] if number == server else PARTNERS[server] for number in (0, 1)]
        peers = [{"name": f"s{number}", "url": urls[number], "auto-failover": True,
                  "role": "primary" if number == 0 else "secondary" if balances else "standby"} for number in (0, 1)]
        availability = {
            "this-server-name": f"s{server}", "mode": self.mode, "heartbeat-delay": int(HEARTBEAT * 1000),
            "max-response-delay": RESPONSE * 1000, "max-ack-delay": 500, "max-unacked-clients": UNACKED, "peers": peers,
            "multi-threading": {"enable-multi-threading": True, "http-dedicated-listener": True,
                                "http-listener-threads": 4, "http-client-threads": 4}} | self.parameters
        hooks = glob.glob("/usr/lib/*/kea/hooks")[0]
        return {"Dhcp4": {
            "interfaces-config": {"interfaces": ["eth0"], "dhcp-socket-type": "raw"},
            "control-socket": {"socket-type": "unix", "socket-name": f"{self.folder}/s{server}.sock"},
            "lease-database": {"type": "memfile", "persist": True, "name": f"{self.folder}/s{server}.csv", "lfc-interval": 0},
            "valid-lifetime": LEASE, "authoritative": True,
            "multi-threading": {"enable-multi-threading": True, "thread-pool-size": 2, "packet-queue-size": 64},
            "client-classes": [{"name": "DROP", "test": f"substring(pkt4.mac, 0, 2) == 0x{DROPPED.replace(':', '')}"}],
            "subnet4": [{"id": 1, "subnet": "10.79.0.0/24",
                         "pools": [{"pool": pool} | ({"client-class": name} if name else {}) for pool, name in pools]}],
            "hooks-libraries": [{"library": f"{hooks}/libdhcp_lease_cmds.so"},
                                {"library": f"{hooks}/libdhcp_ha.so", "parameters": {"high-availability": [availability]}}],
            "loggers": [{"name": "kea-dhcp4", "severity": "INFO",
                         "output_options": [{"output": f"{self.folder}/s{server}.log", "flush": True}]}]}}

    def start(self, server):
        with open(f"{self.folder}/s{server}.conf", "w") as file:
            json.dump(self.configuration(server), file, indent=1)
        place = f"{self.folder}/s{server}.run"
        os.makedirs(place, exist_ok=True)
        # After SIGKILL the old one is still there.
        for left in glob.glob(f"{place}/*.pid"):
            os.unlink(left)
        with open(f"{self.folder}/s{server}.out", "ab") as out:
            self.processes[server] = subprocess.Popen(
                ("ip", "netns", "exec", self.net.name(f"s{server}"), KEA, "-c", f"{self.folder}/s{server}.conf"),
                stdout=out, stderr=subprocess.STDOUT, env=os.environ | {"KEA_LOCKFILE_DIR": place, "KEA_PIDFILE_DIR": place})
        lines = self.starts(server)
        self.wait(lambda: self.starts(server) > lines, 20, f"s{server} has started")

    def starts(self, server):
        return self.said(server, "DHCP4_STARTED ")

    def kill(self, server, how=signal.SIGKILL):
        process = self.processes.pop(server, None)
        if process:
            process.send_signal(how)
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                # It waits for a command that nobody will answer.
                process.kill()
                process.wait()

    def ask(self, server, command, **arguments):
        """What a server answers to its operator."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(20)
            control.connect(f"{self.folder}/s{server}.sock")
            control.sendall(json.dumps({"command": command} | ({"arguments": arguments} if arguments else {})).encode())
            octets = b""
            while more := control.recv(65536):
                octets += more
        answer = json.loads(octets)
        return answer[0] if isinstance(answer, list) else answer

    def keep_status(self, server):
        """Writes down what a server answers to status-get, as an operator would."""
        try:
            answer = self.ask(server, "status-get")
        except (OSError, ValueError):
            return                  # it does not answer, which is no reason to leave the others running
        with open(f"{self.folder}/s{server}.status.json", "w") as file:
            json.dump(answer, file)

    def log(self, server):
        try:
            with open(f"{self.folder}/s{server}.log", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def said(self, server, word):
        """How often a word is in the server's log."""
        return self.log(server).count(word)

    def state(self, server):
        """The state of a server, by its log, as the models call it."""
        if server not in self.processes:
            return "not running"
        since_start = self.log(server).rsplit("HA_SERVICE_STARTED ", 1)[-1]
        transitions = TRANSITION.findall(since_start)
        state = transitions[-1][1] if transitions else "WAITING"
        return "NORMAL" if state in NORMAL else state

    def leases(self, server):
        """What a running server has, as {address: hardware address}: leases that run."""
        answer = self.ask(server, "lease4-get-all")
        leases = (answer.get("arguments") or {}).get("leases", [])
        runs = lambda lease: lease["state"] == 0 and lease["cltt"] + lease["valid-lft"] > time.time()
        return {lease["ip-address"]: lease["hw-address"] for lease in leases if runs(lease)}

    def unacked(self, server):
        """How many clients a server counts that its partner leaves unanswered."""
        servers = self.ask(server, "status-get")["arguments"]["high-availability"][0]["ha-servers"]
        return servers["remote"].get("unacked-clients", 0)

    def client(self, name, hardware):
        return Client(self.net, self.record, name, hardware)

    @staticmethod
    def wait(condition, patience, what):
        """Waits until something is so."""
        end = time.time() + patience
        while not condition():
            if time.time() > end:
                raise AssertionError(f"after {patience} s not yet so: {what}")
            time.sleep(0.02)
