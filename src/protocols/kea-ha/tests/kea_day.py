"""An ordinary day of a real pair, followed by the model step by step: what the pair was seen to do has to be possible in the model, at
the instants at which it was seen, and after each step both servers have to be in the states that their logs say.

The proxy holds nothing here. A way is made of what was seen: heartbeats and updates that were answered, synchronisations that ended,
commands that failed, and what the test did itself. The model plays it with the pair's own lengths of time.
"""
import json
import re
import time

from kea_bed import LEASE, NORMAL, UNACKED, Bed

STAMP = r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.(\d{3})"
TRANSITION = re.compile(STAMP + r" .* HA_STATE_TRANSITION .*transitions from (\S+) to (\S+) state")
STARTED = re.compile(STAMP + r" .* HA_SERVICE_STARTED ")
MISSED = re.compile(STAMP + r" .* HA_HEARTBEAT_COMMUNICATIONS_FAILED ")
RESPONSE = 12
# The model counts max-response-delay from the beginning of a silence, Kea from the last answer before it: up to a heartbeat less.
MODEL = f"""protocol = "kea-ha"
title = "The pair that was followed"
class = "full"
claims = "all"
[system]
mode = "MODE"
version = "2.2"
addresses = 2
in-flight = 2
releases = true
crashes = 3
[time.seconds]
lease = {LEASE}
request-timeout = 10
max-response-delay = {RESPONSE - 1}
sync-timeout = 60
lease-ahead = {LEASE - 10}
heartbeat-delay = 2
"""
ADDRESSES = ("10.79.0.10", "10.79.0.11")


def stamped(pattern, log):
    """When something stands in a log, and what: the machine's time zone is that of the log."""
    for found in pattern.finditer(log):
        at = time.mktime(time.strptime(found[1], "%Y-%m-%d %H:%M:%S")) + int(found[2]) / 1000
        yield at, found.groups()[2:]


class Day:
    """The pair, and what the test does itself, with its instants."""

    def __init__(self, folder, mode):
        self.bed = Bed(folder, mode, **{"max-response-delay": RESPONSE * 1000})
        # In load balancing a scope has one address in the model, so there is one client.
        self.clients = 2 if mode == "hot-standby" else 1
        self.done, self.begun = [], time.time()

    def does(self, action, at=None):
        self.done.append((at or time.time(), action))

    def asks(self, number, client, server, address):
        self.does(f"c{number} asks s{server} for a{ADDRESSES.index(address)}")
        told = len(self.bed.record.leases)
        client.ask(server, address)
        self.bed.wait(lambda: len(self.bed.record.leases) > told, 5, f"c{number} is answered")

    def one_of_s0(self, name, first):
        """A client that s0 answers: in load balancing each server leaves those of the other alone."""
        for number in range(first, first + 16):
            client = self.bed.client(name, f"02:c1:00:00:00:{number:02x}")
            if client.discover(0, patience=0.4):
                return client
            client.socket.close()
        raise AssertionError("s0 answers nobody")

    def normal(self):
        for server in (0, 1):
            self.bed.wait(lambda: self.bed.state(server) == "NORMAL", 20, f"s{server} is in normal operation")

    def run(self):
        bed = self.bed
        bed.start(0)
        bed.start(1)
        self.normal()
        clients = [self.one_of_s0(f"c{number}", 16 * number) for number in range(self.clients)]
        for number, client in enumerate(clients):
            self.asks(number, client, 0, ADDRESSES[number])
        self.asks(0, clients[0], 0, ADDRESSES[0])
        self.does(f"c{self.clients - 1} releases to s0")
        clients[-1].release(0)
        time.sleep(1)
        self.does("s0 crashes")
        bed.kill(0)
        silent = [bed.client(f"u{n}", f"02:c9:00:00:00:{n:02x}") for n in range(1, 13)]
        secs = 3
        while bed.state(1) != "PARTNER-DOWN":
            for client in silent:
                client.begin()
                client.send(1, None, secs=secs)
            time.sleep(0.1)
            secs += 1
            if bed.state(1) != "PARTNER-DOWN" and bed.unacked(1) > UNACKED and "clients unanswered" not in self.done[-1][1]:
                self.does("s1 finds clients unanswered")
        for number, client in enumerate(clients):
            self.asks(number, client, 1, ADDRESSES[number])
        bed.start(0)
        self.normal()
        self.asks(0, clients[0], 0, ADDRESSES[0])
        time.sleep(1)

    def commands(self):
        with open(f"{self.bed.folder}/commands.jsonl") as file:
            return [json.loads(line) for line in file]

    def starts(self, server):
        """When a server began to speak. For about a second after its log says that it has started it neither asks nor answers."""
        own, partner = f"s{server}>s{1 - server}", f"s{1 - server}>s{server}"
        spoke = [c["at"] for c in self.commands() if c["way"] == own and "answer" not in c or c["way"] == partner and "answer" in c]
        for logged, _ in stamped(STARTED, self.bed.log(server)):
            yield min(at for at in spoke if at > logged) - 0.001

    def seen(self):
        """Everything that happened, in its order, as actions of the model."""
        seen = list(self.done)
        for server in (0, 1):
            seen += [(at, f"s{server} restarts") for at in self.starts(server)]
            seen += [(at, f"s{server} misses its partner") for at, _ in stamped(MISSED, self.bed.log(server))]
        waiting = {"s0>s1": [], "s1>s0": []}
        for line in self.commands():
            way, command, answered = line["way"], line["command"], "answer" in line
            server = way[:2]
            if command in ("lease4-update", "lease4-del") and not answered:
                waiting[way].append(line["request"])
            elif command in ("lease4-update", "lease4-del"):
                place = waiting[way].index(line["request"])
                del waiting[way][place]
                seen.append((line["at"], f"request {place} of {server} arrives"))
            elif command == "ha-heartbeat" and answered:
                seen.append((line["at"], f"{server} hears its partner"))
            elif command == "ha-sync-complete-notify" and answered:
                seen.append((line["at"], f"{server} synchronises"))
        return sorted(filter(None, map(self.at_the_crash, seen)))

    def at_the_crash(self, event):
        """The proxy passes back an answer a moment after it was given, and need not know that somebody was killed in that moment:
        what the dead one would have heard it has not, and what it has still answered it answered before."""
        at, action = event
        for crash, what in self.done:
            if not what.endswith(" crashes") or not crash < at < crash + 0.05 or event in self.done:
                continue
            asker = re.search(r"(s\d) (?:hears|misses|synchronises|arrives)|of (s\d) arrives", action)
            dead = asker and (asker[1] or asker[2]) == what[:2]
            return None if dead else (crash - 0.0001, action)
        return event

    def changes(self, server):
        """In which states a server was, and since when, by its log."""
        changes = [(then, "WAITING") for then in self.starts(server)]
        changes += [(then, to) for then, (_, to) in stamped(TRANSITION, self.bed.log(server))]
        changes += [(then, "not running") for then, action in self.done if action == f"s{server} crashes"]
        return [(0, "not running")] + sorted(changes)

    @staticmethod
    def states(changes, at, end):
        """The state that a server was in just before `end`. Logs have milliseconds, without what is less: where two events are
        closer to each other, either state will do."""
        known = [(then, "NORMAL" if state in NORMAL else state) for then, state in changes]
        states = {[state for then, state in known if then <= end - 0.0011][-1]}
        return states | {state for then, state in known if end - at < 0.003 and at - 0.0011 <= then <= end}

    def follow(self, dhcpfo):
        """Has the model do the same; returns what does not agree, and how many steps were followed."""
        folder, seen = self.bed.folder, self.seen()
        with open(f"{folder}/model.toml", "w") as file:
            file.write(MODEL.replace("MODE", self.bed.mode))
        # The model begins with both in normal operation, and the day with both down.
        script = ["s0 crashes", "s1 crashes"]
        for at, action in seen:
            since = int((at - self.begun) * 1000)
            script.append(f"at {since // 1000}+{since % 1000}/1000 {action}")
        with open(f"{folder}/day.toml", "w") as file:
            lines = "\n".join(script)
            file.write(f"title = \"An ordinary day, as it was seen\"\nmodel = \"model.toml\"\nscript = '''\n{lines}\n'''\n")
        rows = [json.loads(line) for line in dhcpfo("play", f"{folder}/day.toml", "--json").splitlines()]
        lines, after = {}, []
        for row in rows[1:-1]:
            lines |= row["state"]
            if row["action"]:
                after.append(dict(lines))
        differs = [f"the model refutes {claim}" for claim in rows[-1]["refuted"]]
        ends, changes = [at for at, _ in seen[1:]] + [time.time()], [self.changes(server) for server in (0, 1)]
        for (at, action), model, end in zip(seen, after[2:], ends):
            for server in (0, 1):
                # What an event brings is logged a moment later; the next event is the end of that moment.
                real, said = self.states(changes[server], at, end), model[f"s{server}"].split(",")[0]
                if said not in real:
                    differs.append(f"after `{action}` at {at - self.begun:.3f} s: s{server}: the model has {said}, the log "
                                   f"{' or '.join(real)}")
        return differs, len(seen)


def day(mode, folder, dhcpfo):
    """Lives the day, and has it followed; whether the model can do all that was seen."""
    one, begun = Day(folder, mode), time.time()
    try:
        one.bed.up()
        one.run()
        differs, steps = one.follow(dhcpfo)
    finally:
        one.bed.down()
    duplicates = one.bed.record.duplicates()
    for sentence in differs + [f"{address}: two clients hold it" for address, *_ in duplicates]:
        print("  " + sentence)
    audit = dhcpfo("audit", *(f"{folder}/{name}" for name in ("lan.pcap", "control.pcap", "s0.log", "s1.log", "s0.csv", "s1.csv")))
    violated = [line for line in audit.splitlines() if " violated " in f" {line}"]
    for sentence in violated:
        print("  audit: " + sentence)
    is_so = not differs and not duplicates and not violated
    print(f"day of {mode}: {steps} steps, {'each as the model can' if is_so else 'NOT as the model can'}, {time.time() - begun:.0f} s", flush=True)
    return is_so
