"""Carries out on two real Kea servers what the search has found, and says what became of it by the clients' own record.

    kea_pair.py list               what there is
    kea_pair.py untold FOLDER      a record for `dhcpfo audit` (`refused`, too), without a verdict
    kea_pair.py NAME FOLDER        one of them; everything that was written down is left in FOLDER

The steps are those of the search: `dhcpfo check MODEL --save-scenario` gives the shortest counterexample, `dhcpfo play --json` its states.
Nothing of them is written down here but what follows after the claim is lost, where that is not yet a duplicate address.
DHCPFO names the binary.
"""
import json
import os
import signal
import subprocess
import sys
import time
import tomllib

import kea_day
import kea_records
from kea_bed import Bed
from kea_way import Play, Refused, Way

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(f"{HERE}/../../../..")
DHCPFO = os.environ.get("DHCPFO", f"{ROOT}/target/debug/dhcpfo")
DIES = ["s0 crashes", "wait 70s", "s1 finds clients unanswered", "s1 misses its partner"]

# For each way: its model, what follows, and what the model needs besides for that. What follows is in the words of the model, and is
# played by it before the pair does it.
WAYS = {
    "k01": ("k01-both-partner-down-standby", [], {}),
    "k01-lb": ("k01-no-client-needed", ["c0 asks s0 for a0", "s1 misses its partner", "c1 asks s1 for a0"], {}),
    "k02": ("k02-primary-needs-no-evidence", [], {}),
    "k03": ("k03-unreplicated-lease", [], {}),
    "k04": ("k04-late-update", [], {}),
    "k04-two": ("k04-two-connections", [*DIES, "c1 asks s1 for a0"], {"clients": 2, "crashes": 1}),
    "k05": ("k05-in-turn", [], {}),
    "k05b": ("k05b-one-restart", ["s0 misses its partner", "c0 asks s0 for a0", "c1 asks s1 for a0"], {}),
    "k06": ("k06-terminated-unreplicated", [], {}),
    "k09": ("k09-pools-not-split", [], {}),
    "n01": ("n01-reset-into-partner-down", [], {}),
    "n02": ("n02-heartbeat-between", [*DIES, "c1 asks s1 for a0"], {"clients": 2, "crashes": 1}),
    "n04": ("n04-count-forgotten", [*DIES, "c1 asks s1 for a0"], {"clients": 2, "crashes": 3}),
    "n06": ("n06-one-way", [*DIES, "c1 asks s1 for a0"], {"clients": 2, "crashes": 2}),
    "n07": ("n07-maintenance-crosses", [], {}),
    "n09": ("n09-refused", [], {}),
}


# Ordinary days, by their names.
DAYS = {"day": "hot-standby", "day-lb": "load-balancing"}


def dhcpfo(*words):
    """What the command prints. A refuted model is what is asked for, so its exit code is 0 or 1."""
    done = subprocess.run((DHCPFO,) + words, capture_output=True, text=True, cwd=ROOT)
    if done.returncode > 1:
        raise Refused(f"dhcpfo {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def counterexample(model, tail, more, folder):
    """A model's counterexample with what follows, as a play; and the model's system. The rules are those of 2.2, which runs here."""
    path, scenario = f"{ROOT}/models/kea-ha/broken/{model}.toml", f"{folder}/way.toml"
    dhcpfo("check", path, "--save-scenario", scenario)
    with open(path, "rb") as file:
        system = tomllib.load(file)["system"] | more | {"version": "2.2"}
    with open(scenario, "rb") as file:
        script = tomllib.load(file)["script"].strip().splitlines()
    with open(f"{folder}/model.toml", "w") as file:
        file.write(f'protocol = "kea-ha"\ntitle = "{model}, and what follows"\nclass = "full"\nclaims = "all"\n[system]\n')
        file.writelines(f"{key} = {json.dumps(one)}\n" for key, one in system.items())

    def play(script):
        lines = "\n".join(script)
        with open(scenario, "w") as file:
            file.write(f'title = "{model}, and what follows"\nmodel = "model.toml"\nscript = \'\'\'\n{lines}\n\'\'\'\n')
        return [json.loads(line) for line in dhcpfo("play", scenario, "--json").splitlines()]
    return Play(script + tail, play), system


def clock(at):
    return time.strftime("%H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03d}"


def judge(record, refuted):
    """By the clients' record: whether what the model says became of the clients did. Returns sentences, and whether it is so."""
    told, is_so = [], True
    duplicates = record.duplicates()
    for address, one, other, begins, ends in duplicates:
        told.append(f"{address}: {one['client']} has it from s{one['server']} until {clock(one['until'])}, and {other['client']} from "
                    f"s{other['server']} since {clock(other['from'])}: {ends - begins:.3f} s for two")
    for client, address, server, at in record.refused:
        told.append(f"{clock(at)}: s{server} refuses {client} the address {address} that it has")
    if "no-duplicate-address" in refuted:
        is_so &= bool(duplicates)
    if "lease-renewed" in refuted:
        is_so &= bool(record.refused)
    return told, is_so and bool(told)


def audited(folder, record):
    """What `dhcpfo audit` says otherwise of the captures, logs and lease files than the clients' record does."""
    files = [f"{folder}/{name}" for name in ("lan.pcap", "control.pcap", "s0.log", "s1.log", "s0.csv", "s1.csv")]
    claims = {claim["name"]: claim["verdict"] for claim in json.loads(dhcpfo("audit", *files, "--json"))["claims"]}
    told = {"no-duplicate-address": record.duplicates(), "lease-renewed": record.refused}
    return [f"audit: {claim} is {claims[claim]}, and the clients' record has {len(found)} cases of it"
            for claim, found in told.items() if (claims[claim] == "violated") != bool(found)]


def carry_out(name, folder):
    """Carries out one way; whether it came out as the model says."""
    model, tail, more = WAYS[name]
    play, system = counterexample(model, tail, more, folder)
    print(f"{name}: {model}, {len(play.actions)} actions, refutes {', '.join(play.refuted)}", flush=True)
    bed = Bed(folder, system.get("mode", "load-balancing"), system.get("split", True),
              **{"max-unacked-clients": 0} if system.get("evidence") == "none" else {},
              **{"delayed-updates-limit": system.get("queue", 1)} if system.get("mode") == "load-balancing" else {})
    begun = time.time()
    try:
        bed.up()
        for server in (0, 1):
            bed.start(server)
        for server in (0, 1):
            bed.wait(lambda: bed.state(server) == "NORMAL", 20, "both are in normal operation")
        way = Way(bed, system.get("evidence", "any"), system.get("scope", 0), lambda text: print("  " + text, flush=True))
        way.name_clients(system.get("clients", 2))
        way.run(play)
        told, is_so = judge(bed.record, play.refuted)
        # Logs and answers of after the end say that it stays so.
        time.sleep(1.5)
    finally:
        bed.down()
    differs = audited(folder, bed.record)
    is_so &= not differs
    for sentence in told + differs:
        print("  " + sentence)
    print(f"{name}: {'as the model says' if is_so else 'NOT as the model says'}, {time.time() - begun:.0f} s", flush=True)
    return is_so


def told_to_end(*_):
    """Whoever ends this ends the servers, too; that is not to be interrupted by being told again."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(3)


def main():
    if sys.argv[1:] == ["list"]:
        for name, (model, *_) in WAYS.items():
            print(f"{name:10} {model}")
        for name, mode in DAYS.items():
            print(f"{name:10} an ordinary day of {mode}, followed by the model")
        return 0
    signal.signal(signal.SIGTERM, told_to_end)
    name, folder = sys.argv[1], os.path.abspath(sys.argv[2])
    os.makedirs(folder, exist_ok=True)
    if os.listdir(folder):
        sys.exit(f"{folder} is not empty: leases that are there would be read")
    try:
        if name in kea_records.RECORDS:
            return 0 if kea_records.record(name, folder) else 1
        return 0 if (kea_day.day(DAYS[name], folder, dhcpfo) if name in DAYS else carry_out(name, folder)) else 1
    except (AssertionError, Refused) as problem:
        print(f"{name}: NOT as the model says: {problem}", flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
