"""A way of the model, carried out on a real pair: each action of its text has its counterpart here, and after each step the states
of both servers, the leases of both and what the clients hold have to be those of the model.

The model decides what happens when; so what a real pair does by itself is held at the proxy until its turn: heartbeats that would
bring something new, updates, synchronisations.
"""
import re
import time

from kea_bed import DROPPED, RESPONSE, UNACKED

ADDRESSES = {"pool": ("10.79.0.10", "10.79.0.11"), "split": ("10.79.0.10", "10.79.0.110")}
WAYS = ("s0>s1", "s1>s0")
# Where a server goes when its heartbeats fail.
ALONE = ("COMMUNICATION-RECOVERY", "PARTNER-DOWN")
MISSED = "HA_HEARTBEAT_COMMUNICATIONS_FAILED"
# Seconds for a step: a command that is swallowed fails after 10, and a partner may be taken for dead after 11.
PATIENCE = 30


class Refused(Exception):
    """The model does not accept what it was given."""


class Play:
    """A scenario of the model, and the lines of its state after each action, as `dhcpfo play` gives them.

    `play` takes a script, a list of lines, and returns the rows; it raises an error if the model cannot do that."""

    def __init__(self, script, play):
        self.script, self.play = script, play
        self.follow()

    def follow(self):
        rows, lines, self.before, self.after = self.play(self.script), {}, [], []
        for row in rows[1:-1]:
            if row["action"]:
                self.before.append(lines)
            lines = {name: text for name, text in (lines | row["state"]).items() if text}
            if row["action"]:
                self.after.append(lines)
            elif not self.after:
                self.initial = lines
        self.actions = [row["action"] for row in rows[1:-1] if row["action"]]
        self.refuted = rows[-1]["refuted"]
        # Where each action stands in the script, which has lines that only wait.
        self.places = [number for number, line in enumerate(self.script) if line and not line.startswith("wait ")]

    def insert(self, number, action):
        """An action more after that one, if the model can do it, and all that follows; whether it can."""
        before, place = self.script, self.places[number] + 1
        self.script = before[:place] + [action] + before[place:]
        try:
            self.follow()
        except Refused:
            self.script = before
            self.follow()
            return False
        return True


class Way:
    """Carries out a play on a bed."""

    def __init__(self, bed, evidence, scope, say):
        self.bed, self.evidence, self.say = bed, evidence, say
        split = bed.mode == "load-balancing" and bed.split
        self.addresses = ADDRESSES["split" if split else "pool"]
        self.scope = scope
        self.clients, self.asked, self.silent = {}, 0, {}

    def name_clients(self, number):
        """Clients of the model, real ones: in load balancing with hardware addresses of the scope, as the servers see it."""
        for client in range(number):
            wanted = None
            if self.bed.mode == "load-balancing":
                wanted = self.scope if self.bed.split else client % 2
            self.clients[client] = self.one_of(wanted, f"c{client}")

    def one_of(self, wanted, name):
        """A client that this server answers, and the other does not. An offer is no lease."""
        for _ in range(40):
            self.asked += 1
            one = self.bed.client(name, f"02:c1:00:00:00:{self.asked:02x}")
            if wanted is None or one.discover(wanted, patience=0.3):
                return one
            one.socket.close()
        raise AssertionError(f"no client for which s{wanted} is responsible in {self.asked} hardware addresses")

    # ---------------------------------------------------------------- gates
    def gates(self, *states):
        """Shuts the gates of what has to wait for its turn in one of these states of the model, and opens the others."""
        for server in (0, 1):
            own, partner = f"s{server}", f"s{1 - server}"
            news = any("next heartbeat by" in lines[own] or "gave what was not sent" in lines[partner]
                       or lines[partner].startswith("not running") for lines in states)
            self.bed.proxy.gate(WAYS[server], "heartbeat", news)

    def run(self, play):
        """Carries out all steps."""
        for way in WAYS:
            for kind in ("update", "sync", "notify"):
                self.bed.proxy.gate(way, kind, True)
        number = 0
        while number < len(play.actions):
            begun, action, before, after = time.time(), play.actions[number], play.before[number], play.after[number]
            self.gates(before, after)
            self.be_silent(before)
            self.missed = [self.bed.said(server, MISSED) for server in (0, 1)]
            self.act(action, after)
            self.say(f"{time.time() - begun:5.1f} s    {action}")
            number = self.compare(play, number)
            self.gates(play.after[number])
            self.note_silence(play.after[number])
            number += 1

    def note_silence(self, lines):
        for server in (0, 1):
            if "silent" not in lines[f"s{server}"]:
                self.silent.pop(server, None)
            else:
                self.silent.setdefault(server, time.time())

    def be_silent(self, lines):
        """Where the model has let max-response-delay pass, it passes here, too."""
        for server, since in self.silent.items():
            if "silent (too long from over)" in lines[f"s{server}"]:
                time.sleep(max(0, since + RESPONSE + 0.1 - time.time()))

    # ---------------------------------------------------------------- the model and the pair
    def real(self):
        """The pair as the model would tell of it, where the two can be compared."""
        bed, now = self.bed, time.time()
        names = {client.hardware.hex(":"): f"c{number}" for number, client in self.clients.items()}
        lines = {}
        for server in (0, 1):
            lines[f"s{server}"] = bed.state(server)
            if server in bed.processes:
                leases = bed.leases(server)
                lines[f"s{server} leases"] = {a: names.get(leases[a], "?") for a in self.addresses if a in leases}
        for number, client in self.clients.items():
            lines[f"c{number}"] = bed.record.held(client.name, now)
        return lines

    def expected(self, after):
        """The same of the model's state."""
        lines = {}
        for server in (0, 1):
            mode = after[f"s{server}"].split(",")[0]
            lines[f"s{server}"] = mode
            if mode != "not running":
                found = re.findall(r"a(\d) (c\d) until", after[f"s{server} leases"])
                lines[f"s{server} leases"] = {self.addresses[int(a)]: c for a, c in found}
        for number in self.clients:
            held = re.match(r"holds a(\d)", after[f"c{number}"])
            lines[f"c{number}"] = self.addresses[int(held[1])] if held else None
        return lines

    def compare(self, play, number):
        """Waits until the pair is as the model has it. Servers notice by themselves that heartbeats fail: if one has, the model has to
        be able to do that, and all that follows, with one action more. Returns the last action that was done."""
        patience, unasked = time.time() + PATIENCE, set()
        while (real := self.real()) != (expected := self.expected(play.after[number])):
            for server in (0, 1):
                name = f"s{server}"
                missed = self.bed.said(server, MISSED) > self.missed[server]
                if missed and real[name] in ALONE and real[name] != expected[name] and server not in unasked:
                    unasked.add(server)
                    if play.insert(number, f"{name} misses its partner"):
                        number += 1
                        self.say(f"by itself  {play.actions[number]}")
                    break
            if time.time() > patience:
                differs = [f"{name}: the model has {expected[name]}, the pair {real.get(name)}"
                           for name in expected if real.get(name) != expected[name]]
                raise AssertionError(f"after `{play.actions[number]}`: " + "; ".join(differs))
            time.sleep(0.05)
        return number

    # ---------------------------------------------------------------- actions
    def act(self, action, after):
        """Does what the action's text says. Texts are those of `action.rs`; one that is not known here ends the run."""
        for pattern, do in ACTIONS:
            if found := re.fullmatch(pattern, action):
                return do(self, after, *(int(number) for number in found.groups()))
        raise AssertionError(f"nothing here carries out `{action}`")

    def ask(self, after, client, server, address):
        self.clients[client].ask(server, self.addresses[address])

    def release(self, after, client, server):
        self.clients[client].release(server)

    def arrives(self, after, place, server):
        request = self.bed.proxy.one_at(WAYS[server], "update", place)
        self.bed.proxy.do(request, "go")

    def fails(self, after, place, server):
        """The sender's time is over; if nobody is there that is noticed at once."""
        word = "HA_LEASE_UPDATE_COMMUNICATIONS_FAILED"
        before = self.bed.said(server, word)
        self.bed.wait(lambda: self.bed.said(server, word) > before, PATIENCE, f"a request of s{server} fails")

    def meets_a_lock(self, after, place, server):
        self.bed.proxy.do(self.bed.proxy.one_at(WAYS[server], "update", place), "refuse")

    def held_up(self, after, place, server):
        self.bed.proxy.hold_up(self.bed.proxy.one_at(WAYS[server], "update", place))

    def late(self, after):
        self.bed.proxy.do(self.bed.proxy.late(), "go")

    def hears(self, after, server):
        """One heartbeat comes back; what the table says of it may send the queue, which is one step of the model."""
        proxy, way = self.bed.proxy, WAYS[server]
        request = proxy.one_at(way, "heartbeat") if (way, "heartbeat") in proxy.shut else None
        queued = after[f"s{server}"].startswith("NORMAL")
        if queued and self.bed.state(server) == "COMMUNICATION-RECOVERY":
            proxy.gate(way, "update", False)
        if request:
            proxy.do(request, "go")
        else:
            self.next_heartbeat(server)
        if queued:
            self.bed.wait(lambda: self.bed.state(server) == "NORMAL", PATIENCE, f"s{server} is in NORMAL")
            proxy.gate(way, "update", True)

    def next_heartbeat(self, server):
        partner = 1 - server
        before = self.bed.said(partner, "Received command 'ha-heartbeat'")
        self.bed.wait(lambda: self.bed.said(partner, "Received command 'ha-heartbeat'") > before, PATIENCE, "a heartbeat")

    def misses(self, after, server):
        """A heartbeat fails; earlier ones may have failed, too, and the state tells which one the model means."""
        bed, before, mode = self.bed, self.missed[server], after[f"s{server}"].split(",")[0]
        bed.proxy.gate(WAYS[server], "heartbeat", False)
        bed.wait(lambda: bed.said(server, MISSED) > before or bed.state(server) in ALONE, PATIENCE, f"s{server} misses")
        bed.wait(lambda: bed.state(server) == mode, PATIENCE, f"s{server}, whose heartbeats fail, is in {mode}")

    def finds_unanswered(self, after, server):
        """Clients ask again and again, and say since when. Where the model's world has no other reasons they are
        answered by nobody because the partner is not there; else they are of a class that both servers drop."""
        prefix = DROPPED if self.evidence == "any" else "02:c9"
        silent = [self.bed.client(f"u{n}", f"{prefix}:00:00:00:{n:02x}") for n in range(1, 13)]
        end, secs = time.time() + PATIENCE, 3
        while self.bed.unacked(server) <= UNACKED:
            if time.time() > end:
                raise AssertionError(f"s{server} does not find more than {UNACKED} clients unanswered")
            for client in silent:
                client.begin()
                client.send(1, None, secs=secs)
            time.sleep(0.5)
            secs += 1
        for client in silent:
            client.socket.close()

    def synchronises(self, after, server):
        for kind in ("sync", "notify"):
            self.bed.proxy.gate(WAYS[server], kind, False)
        self.bed.wait(lambda: self.bed.state(server) != "SYNCING", PATIENCE, f"s{server} has synchronised")
        for kind in ("sync", "notify"):
            self.bed.proxy.gate(WAYS[server], kind, True)

    def reads(self, after, server):
        self.bed.proxy.gate(WAYS[server], "sync", False)
        self.bed.proxy.one_at(WAYS[server], "notify")
        self.bed.proxy.gate(WAYS[server], "sync", True)

    def says_read(self, after, server):
        self.bed.proxy.do(self.bed.proxy.one_at(WAYS[server], "notify"), "go")

    def maintain(self, after, server):
        self.bed.ask(server, "ha-maintenance-start")

    def crash(self, after, server):
        self.bed.kill(server)
        # Its kernel closes its connections, and refuses what comes.
        self.bed.proxy.reset(WAYS[1 - server])

    def restart(self, after, server):
        self.bed.start(server)

    def cut(self, after):
        self.bed.proxy.swallow()
        self.bed.net.control(False)

    def heal(self, after):
        self.bed.net.control(True)

    def cut_off(self, after, server):
        self.bed.net.lan(server, False)

    def reconnect(self, after, server):
        self.bed.net.lan(server, True)

    def clocks_part(self, after):
        """Heartbeats tell of clocks that differ by more than is tolerated; the clocks themselves are left alone."""
        self.bed.proxy.dates_ahead = 75

    def clocks_meet(self, after):
        self.bed.proxy.dates_ahead = 0


ACTIONS = (
    (r"c(\d) asks s(\d) for a(\d)", Way.ask),
    (r"c(\d) releases to s(\d)", Way.release),
    (r"request (\d) of s(\d) arrives", Way.arrives),
    (r"request (\d) of s(\d) fails", Way.fails),
    (r"request (\d) of s(\d) meets a lock", Way.meets_a_lock),
    (r"request (\d) of s(\d) is held up", Way.held_up),
    (r"the late request arrives", Way.late),
    (r"s(\d) hears its partner", Way.hears),
    (r"s(\d) misses its partner", Way.misses),
    (r"s(\d) finds clients unanswered", Way.finds_unanswered),
    (r"s(\d) synchronises", Way.synchronises),
    (r"s(\d) reads the leases", Way.reads),
    (r"s(\d) says that it has read", Way.says_read),
    (r"s(\d) is told to let its partner go", Way.maintain),
    (r"s(\d) crashes", Way.crash),
    (r"s(\d) restarts", Way.restart),
    (r"the control link is cut", Way.cut),
    (r"the control link heals", Way.heal),
    (r"s(\d) is cut off from the clients", Way.cut_off),
    (r"s(\d) reaches the clients again", Way.reconnect),
    (r"the clocks part", Way.clocks_part),
    (r"the clocks meet", Way.clocks_meet),
)
