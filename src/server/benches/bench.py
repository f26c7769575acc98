"""DORA exchanges a second that a DHCP server (or failover pair) sustains, by perfdhcp.

    bench.py --dir DIR [--kind all|ours,ours-pair,dhcpd,dhcpd-pair,kea,kea-mt,kea-ha] [--delayed-ack N]
             [--runs 5] [--seconds 5] [--clients 60000] [--rates 250,500,...] [--json FILE]
    bench.py --table FILE              the table of what --json has kept

`ours` and `ours-pair` are `dhcpfo serve` ($DHCPFO names the binary); `ours` is a pair of which one server is gone and
the other in PARTNER-DOWN, for a server of a pair does not serve before it has had its partner once.
Needs root, iproute2, perfdhcp (Debian: kea-admin), and the servers that are measured.

Makes its own namespaces ($FO_NS-a, -b, -lan, -c1), starts the server(s), climbs a ladder of rates until more than
1 % of the exchanges are lost, then repeats the best rate and prints minimum, median
and maximum of the exchanges/s completed, with the server CPU time an exchange cost; then the 99th percentile of both
delays at half that rate. Several kinds are measured one after the other, and a table for reports/server.md follows.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

A, B, C = "10.78.0.2", "10.78.0.3", "10.78.0.4"
# So many that hardly any comes twice within a second: it would change nothing in a binding whose times are seconds.
POOL = ("10.78.16.0", "10.78.255.254")


def sh(cmd, check=True):
    return subprocess.run(cmd, shell=True, check=check, capture_output=True, text=True)


class Net:
    def __init__(self, ns):
        self.ns = ns

    def up(self):
        self.down()
        n = self.ns
        for x in ("lan", "a", "b", "c1"):
            sh(f"ip netns add {n}-{x} && ip -n {n}-{x} link set lo up")
        sh(f"ip -n {n}-lan link add br0 type bridge && ip -n {n}-lan link set br0 up")
        for x, addr in (("a", A), ("b", B), ("c1", C)):
            sh(f"ip -n {n}-lan link add p{x} type veth peer name eth0 netns {n}-{x} && "
               f"ip -n {n}-lan link set p{x} master br0 up && ip -n {n}-{x} link set eth0 up && "
               f"ip -n {n}-{x} addr add {addr}/16 dev eth0 brd + && "
               f"ip netns exec {n}-{x} ethtool -K eth0 tx off")
        sh(f"ip -n {n}-a link add fo0 type veth peer name fo0 netns {n}-b")
        for x, addr in (("a", "10.77.1.1"), ("b", "10.77.1.2")):
            sh(f"ip -n {n}-{x} link set fo0 up && ip -n {n}-{x} addr add {addr}/24 dev fo0")

    def down(self):
        for line in sh("ip netns list").stdout.splitlines():
            if line.split()[0].startswith(self.ns + "-"):
                sh(f"ip netns del {line.split()[0]}")


def dhcpd_conf(side, o):
    out = ""
    if side:
        me, it, mp, ip_ = ("10.77.1.1", "10.77.1.2", 647, 847) if side == "a" else ("10.77.1.2", "10.77.1.1", 847, 647)
        out += f"""failover peer "fo" {{ {'primary' if side == 'a' else 'secondary'};
  address {me}; port {mp}; peer address {it}; peer port {ip_};
  max-response-delay 30; max-unacked-updates {o.max_unacked}; load balance max seconds 3;
  {'mclt 600; split 128;' if side == 'a' else ''} }}
"""
    return out + f"""authoritative; ddns-update-style none; ping-check false; log-facility local7;
default-lease-time 3600; max-lease-time 7200; dhcp-cache-threshold 0; omapi-port {7911};
{'delayed-ack %d; max-ack-delay 250000;' % o.delayed_ack if o.delayed_ack else ''}
subnet 10.77.1.0 netmask 255.255.255.0 {{ }}
subnet 10.78.0.0 netmask 255.255.0.0 {{ pool {{ {'failover peer "fo";' if side else ''} range {POOL[0]} {POOL[1]}; }} }}
"""


def kea_conf(side, d, o):
    c = {"Dhcp4": {
        "interfaces-config": {"interfaces": ["eth0"], "dhcp-socket-type": "raw" if o.kind == "kea-ha" else "udp"},
        "lease-database": {"type": "memfile", "persist": True, "name": f"{d}/{side}.csv", "lfc-interval": 0},
        "valid-lifetime": 3600,
        "subnet4": [{"id": 1, "subnet": "10.78.0.0/16", "pools": [{"pool": f"{POOL[0]} - {POOL[1]}"}]}],
        "multi-threading": {"enable-multi-threading": o.kind in ("kea-mt", "kea-ha"), "thread-pool-size": 2,
                            "packet-queue-size": 64},
        "loggers": [{"name": "kea-dhcp4", "severity": "WARN", "output_options": [{"output": f"{d}/{side}.kea.log"}]}]}}
    if o.kind == "kea-ha":
        lib = sh("find /usr/lib /usr/local/lib -name libdhcp_ha.so").stdout.split()[0]
        base = os.path.dirname(lib)
        half = ("10.78.64.0 - 10.78.95.255", "10.78.96.0 - 10.78.127.255")
        c["Dhcp4"]["subnet4"][0]["pools"] = [{"pool": half[0], "client-class": "HA_s1"}, {"pool": half[1], "client-class": "HA_s2"}]
        c["Dhcp4"]["hooks-libraries"] = [
            {"library": f"{base}/libdhcp_lease_cmds.so"},
            {"library": lib, "parameters": {"high-availability": [{
                "this-server-name": "s1" if side == "a" else "s2", "mode": "load-balancing",
                "heartbeat-delay": 10000, "max-response-delay": 20000, "max-ack-delay": 5000, "max-unacked-clients": 0,
                "multi-threading": {"enable-multi-threading": True, "http-dedicated-listener": True,
                                    "http-listener-threads": 2, "http-client-threads": 2},
                "peers": [{"name": "s1", "url": "http://10.77.1.1:8001/", "role": "primary", "auto-failover": True},
                          {"name": "s2", "url": "http://10.77.1.2:8002/", "role": "secondary", "auto-failover": True}]}]}}]
        c["Dhcp4"]["control-socket"] = {"socket-type": "unix", "socket-name": f"{d}/{side}.sock"}
    return json.dumps(c, indent=1)


def ours_conf(side, d, o):
    me, it, mp, ip_ = ("10.77.1.1", "10.77.1.2", 647, 847) if side == "a" else ("10.77.1.2", "10.77.1.1", 847, 647)
    return f"""[listen]
interfaces = ["eth0"]
server-id = "{A if side == 'a' else B}"
[store]
path = "{d}/{side}.store"
[control]
socket = "{d}/{side}.ctl"
[failover]
role = "{'primary' if side == 'a' else 'secondary'}"
name = "fo"
address = "{me}:{mp}"
partner = "{it}:{ip_}"
mclt = 31
receive-timer = 30
max-unacked = {min(o.max_unacked, 64)}
startup = 2
retry = 1
[[subnet]]
network = "10.78.0.0/16"
pools = ["{POOL[0]}-{POOL[1]}"]
lease = 3600
"""


DHCPFO = os.path.abspath(os.environ.get("DHCPFO", "target/release/dhcpfo"))


def ours_status(d, side):
    r = sh(f"{DHCPFO} ctl --socket {d}/{side}.ctl --json status", check=False)
    try:
        return json.loads(r.stdout)
    except ValueError:
        return {}


def ours_state(d, side):
    return ours_status(d, side).get("state", "")


def ours_waiting(d, side):
    """How many updates the partner has not acknowledged."""
    return ours_status(d, side).get("partner", {}).get("updates-waiting", 1)


def quiet(files, seconds=5, most=240):
    """Waits until the files have not grown for some seconds."""
    size, since, end = None, time.time(), time.time() + most
    while time.time() < end and time.time() - since < seconds:
        now = [os.path.getsize(f) for f in files]
        if now != size:
            size, since = now, time.time()
        time.sleep(0.5)
    if time.time() >= end:
        print(f"not quiet after {most} s: {files}", file=sys.stderr)


class Servers:
    def __init__(self, o):
        self.o, self.procs = o, []

    def start(self):
        o, d = self.o, self.o.dir
        os.makedirs(d, exist_ok=True)
        sides = ("a", "b") if o.kind.endswith(("pair", "-ha")) or o.kind == "ours" else ("a",)
        for s in sides:
            log = open(f"{d}/{s}.log", "wb")
            env = dict(os.environ, KEA_LOCKFILE_DIR=d, KEA_PIDFILE_DIR=f"{d}/{s}.run")
            os.makedirs(f"{d}/{s}.run", exist_ok=True)
            os.makedirs(f"{d}/{s}.lock", exist_ok=True)
            env["KEA_LOCKFILE_DIR"] = f"{d}/{s}.lock"
            for f in (f"{d}/{s}.leases", f"{d}/{s}.csv", f"{d}/{s}.store"):
                if os.path.exists(f):
                    os.unlink(f)
            if o.kind.startswith("dhcpd"):
                open(f"{d}/{s}.conf", "w").write(dhcpd_conf(s if len(sides) == 2 else None, o))
                open(f"{d}/{s}.leases", "w").close()
                cmd = ["dhcpd", "-4", "-f", "-q", "--no-pid", "-cf", f"{d}/{s}.conf", "-lf", f"{d}/{s}.leases", "eth0"]
            elif o.kind.startswith("ours"):
                open(f"{d}/{s}.toml", "w").write(ours_conf(s, d, o))
                cmd = [DHCPFO, "serve", f"{d}/{s}.toml"]
                env["DHCPFO_LOG"] = "warn"
            else:
                open(f"{d}/{s}.conf", "w").write(kea_conf(s, d, o))
                cmd = ["kea-dhcp4", "-c", f"{d}/{s}.conf"]
            self.procs.append(subprocess.Popen(["nice", "-n", str(o.nice), "ip", "netns", "exec", f"{o.ns}-{s}"] + cmd, stdout=log, stderr=log, env=env))
        time.sleep(2)
        if o.kind == "dhcpd-pair":
            end = time.time() + 120
            while time.time() < end:
                txt = open(f"{d}/a.leases").read()
                st = re.findall(r"my state (\S+) at .*?\n\s*partner state (\S+) at", txt)
                if st and st[-1] == ("normal", "normal"):
                    break
                time.sleep(0.5)
            else:
                print("pair never reached NORMAL", file=sys.stderr)
            # Half of the addresses go to the secondary, each by an update that both write: with less patience that is
            # what the first rates measure.
            quiet([f"{d}/{s}.leases" for s in sides])
            time.sleep(o.settle)
        elif o.kind == "kea-ha":
            time.sleep(25)
            time.sleep(o.settle)
        elif o.kind.startswith("ours"):
            end = time.time() + 120
            while time.time() < end and [ours_state(d, s) for s in sides] != ["NORMAL", "NORMAL"]:
                time.sleep(0.5)
            end = time.time() + 120
            while time.time() < end and any(ours_waiting(d, s) for s in sides):
                time.sleep(0.5)
            time.sleep(o.settle)
            if o.kind == "ours":
                gone = self.procs.pop()
                gone.kill()
                gone.wait()
                time.sleep(1)
                sh(f"{DHCPFO} ctl --socket {d}/a.ctl partner-down --yes")
                # The partner's addresses are this server's after MCLT.
                time.sleep(32)
        for p in self.procs:
            if p.poll() is not None:
                sys.exit(f"server exited rc={p.returncode}, see {d}")

    def cpu(self):
        t = 0
        for p in self.procs:
            v = open(f"/proc/{p.pid}/stat").read().rsplit(")", 1)[1].split()
            t += int(v[11]) + int(v[12])
        return t / os.sysconf("SC_CLK_TCK")

    def stop(self):
        for p in self.procs:
            p.terminate()
            try:
                p.wait(5)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()


def perf(o, rate, seed, delays=False):
    dest = A if not o.kind.endswith(("pair", "-ha")) else "255.255.255.255"
    bc = ["-B"] if dest.startswith("255") else []
    cmd = ["nice", "-n", str(o.nice), "ip", "netns", "exec", f"{o.ns}-c1", "timeout", str(o.seconds + 15), "perfdhcp", "-4", "-l", "eth0"] + bc + \
        ["-r", str(rate), "-R", str(o.clients), "-p", str(o.seconds), "-s", str(seed), "-W", "1000000", "-d", "1"] + \
        (["-x", "t"] if delays else []) + [dest]
    t = time.time()
    r = subprocess.run(cmd, capture_output=True, text=True)
    took = time.time() - t
    out = r.stdout
    def get(block, key):
        m = re.search(rf"\*\*\*Statistics for: {block}\*\*\*(.*?)(?=\*\*\*|\Z)", out, re.S)
        m = m and re.search(rf"{key}: ([-\d.]+)", m.group(1))
        return float(m.group(1)) if m else None
    sent, done = get("DISCOVER-OFFER", "sent packets"), get("REQUEST-ACK", "received packets")
    real = re.search(r"Rate: ([\d.]+) 4-way exchanges/second", out)
    p99 = {}
    if delays:
        for block, name in (("DISCOVER-OFFER", "offer"), ("REQUEST-ACK", "ack")):
            p99[name + "_p99_ms"] = percentile(timestamps(out, block), 99)
    return {**p99, "rate": rate, "sent": sent, "done": done, "rate_reported": float(real.group(1)) if real else None,
            "offer_ms": get("DISCOVER-OFFER", "avg delay"), "ack_ms": get("REQUEST-ACK", "avg delay"),
            "took": round(took, 2), "rc": r.returncode, "cmd": " ".join(cmd[9:]),
            "err": r.stderr.strip()[:200] if not sent else "", "load": os.getloadavg()[0]}


def timestamps(out, block):
    """Delays in ms of all exchanges that were answered, by perfdhcp -x t."""
    m = re.search(rf"\*\*\*Timestamps for packets: {block}\*\*\*(.*?)(?=\*\*\*|\Z)", out, re.S)
    pairs = re.findall(r"sent / received: (\d+\.\d+) / (\d+\.\d+)", m.group(1)) if m else []
    return [1000 * (float(received) - float(sent)) for sent, received in pairs]


def percentile(values, part):
    values = sorted(values)
    return round(values[min(len(values) - 1, len(values) * part // 100)], 2) if values else None


KINDS = ["ours", "ours-pair", "dhcpd", "dhcpd-pair", "kea", "kea-mt", "kea-ha"]


def table(results):
    """For reports/server.md: one row for each kind, the latest measurement of each."""
    print("| kind | best rate | done/s (min/median/max) | lost % | CPU ms/exchange, all servers | p99 at half the rate: "
          "offer, ack ms | load |\n| --- | --- | --- | --- | --- | --- | --- |")
    for kind in KINDS:
        res = ([r for r in results if r["kind"] == kind] or [None])[-1]
        if not res:
            continue
        s, half = res.get("summary"), res.get("half") or {}
        if not s:
            print(f"| {kind} | none of {', '.join(str(r['rate']) for r in res['ladder'])} | | | | | |")
            continue
        row = [kind, s["best_rate"], s["done_per_s"], s["lost_%"], s["cpu_ms_per_exchange"],
               f"{half.get('offer_p99_ms')}, {half.get('ack_p99_ms')} ({half.get('rate')}/s)", s["load"]]
        print("| " + " | ".join(str(x).replace("/", " / ") if "/" in str(x) and "(" not in str(x) else str(x) for x in row) + " |")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--dir")
    p.add_argument("--kind", default="all", help="all, or some of " + ",".join(KINDS))
    p.add_argument("--table", metavar="FILE", help="print the table of a file of --json, and do nothing else")
    p.add_argument("--ns", default=os.environ.get("FO_NS", "fotb"))
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--seconds", type=int, default=5)
    p.add_argument("--clients", type=int, default=60000)
    p.add_argument("--delayed-ack", type=int, default=0)
    p.add_argument("--max-unacked", type=int, default=100)
    p.add_argument("--settle", type=float, default=5)
    p.add_argument("--loss", type=float, default=0.01)
    p.add_argument("--rates", default="100,250,500,750,1000,1250,1500,1750,2000,2500,3000,3500,4000,5000,6000,7000,8000,10000,12000,14000,16000,20000")
    p.add_argument("--nice", type=int, default=0, help="priority of servers and load (as root: -15 on a busy machine)")
    p.add_argument("--json")
    o = p.parse_args()
    if o.table:
        return table([json.loads(line) for line in open(o.table)])
    if not o.dir:
        p.error("--dir is needed")
    o.dir = os.path.abspath(o.dir)
    kinds = KINDS if o.kind == "all" else o.kind.split(",")
    if set(kinds) - set(KINDS):
        p.error(f"--kind: {o.kind} (accepted: all, or some of {','.join(KINDS)})")
    for tool in ("ip", "ethtool", "perfdhcp", "dhcpd", "kea-dhcp4", DHCPFO):
        if not shutil.which(tool):
            print(f"MISSING: {tool}; kinds that need it will fail", file=sys.stderr)
    results, failed = [], []
    for o.kind in kinds:
        print(f"== {o.kind}", flush=True)
        try:
            results.append(measure(o))
        except (SystemExit, Exception) as error:
            failed.append(o.kind)
            print(f"FAILED: {o.kind}: {error}", file=sys.stderr, flush=True)
    table(results)
    sys.exit(f"not measured: {', '.join(failed)}" if failed else 0)


def measure(o):
    net, sv = Net(o.ns), Servers(o)
    net.up()
    res = {"kind": o.kind, "delayed_ack": o.delayed_ack, "dir": o.dir, "ladder": [], "runs": []}
    try:
        sv.start()
        perf(o, 50, 1)
        best, bad = None, 0
        for i, rate in enumerate(int(x) for x in o.rates.split(",")):
            for again in range(2):               # one more try: the machine may be busy
                c0 = sv.cpu()
                r = perf(o, rate, 100 + 50 * again + i)
                r["cpu"] = round(sv.cpu() - c0, 2)
                res["ladder"].append(r)
                lost = 1 - (r["done"] or 0) / (r["sent"] or 1)
                print(f"  rate {rate:5} sent {r['sent']} done {r['done']} lost {lost:.2%} offer {r['offer_ms']} ms "
                      f"ack {r['ack_ms']} ms cpu {r['cpu']} s load {r['load']:.1f} {r['err']}", flush=True)
                if lost <= o.loss:
                    break
                time.sleep(1)
            if lost <= o.loss:
                best, bad = rate, 0
            else:
                bad += 1
                if bad >= 2:                     # two rates in a row
                    break
            time.sleep(1)
        if best:
            for i in range(o.runs):
                c0 = sv.cpu()
                r = perf(o, best, 500 + i)
                r["cpu"] = round(sv.cpu() - c0, 2)
                res["runs"].append(r)
                time.sleep(1)
            f = lambda k: [x[k] for x in res["runs"]]
            per = [x["done"] / o.seconds for x in res["runs"]]
            cpu = [1000 * x["cpu"] / x["done"] for x in res["runs"] if x["done"]]
            lost = [1 - x["done"] / x["sent"] for x in res["runs"]]
            fmt = lambda v, n=0: f"{min(v):.{n}f}/{statistics.median(v):.{n}f}/{max(v):.{n}f}"
            res["summary"] = {"best_rate": best, "done_per_s": fmt(per), "lost_%": fmt([100 * x for x in lost], 2),
                              "cpu_ms_per_exchange": fmt(cpu, 3), "offer_ms": fmt(f("offer_ms"), 2), "ack_ms": fmt(f("ack_ms"), 2),
                              "load": fmt(f("load"), 1)}
            print(o.kind, f"delayed-ack={o.delayed_ack}" if o.kind.startswith("dhcpd") else "", json.dumps(res["summary"]), flush=True)
            print("  command:", res["runs"][0]["cmd"])
            half = [perf(o, max(best // 2, 1), 700 + i, delays=True) for i in range(o.runs)]
            lost = [100 * (1 - (h["done"] or 0) / (h["sent"] or 1)) for h in half]
            res["half"] = {"rate": best // 2, "lost_%": round(statistics.median(lost), 2)}
            for k in ("offer_p99_ms", "ack_p99_ms"):
                res["half"][k] = statistics.median([h[k] or float("inf") for h in half])
            print("  p99 at half the rate:", json.dumps(res["half"]), flush=True)
    finally:
        sv.stop()
        net.down()
    if o.json:
        with open(o.json, "a") as fp:
            fp.write(json.dumps(res) + "\n")
    return res


if __name__ == "__main__":
    main()
