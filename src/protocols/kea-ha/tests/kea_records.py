"""Short runs of a real pair of which captures, logs and lease files are kept as tests of `dhcpfo audit`."""
import time

from kea_bed import Bed


def untold(folder):
    """A pair that is configured to send no updates: clients are answered though the partner has no copy."""
    bed = Bed(folder, "hot-standby", **{"send-lease-updates": False})
    return bed, lambda client: client.ask(0, "10.79.0.10")


def refused(folder):
    """The partner answers an update with an error; the client asks again, and the next update is taken."""
    bed = Bed(folder, "hot-standby")

    def run(client):
        bed.proxy.gate("s0>s1", "update", True)
        client.ask(0, "10.79.0.10")
        bed.proxy.do(bed.proxy.one_at("s0>s1", "update"), "refuse")
        bed.proxy.gate("s0>s1", "update", False)
        time.sleep(1)
        client.ask(0, "10.79.0.10")
    return bed, run


RECORDS = {"untold": untold, "refused": refused}


def record(name, folder):
    """Carries out one of them; whether the client got its lease."""
    bed, run = RECORDS[name](folder)
    try:
        bed.up()
        for server in (0, 1):
            bed.start(server)
        for server in (0, 1):
            bed.wait(lambda: bed.state(server) == "NORMAL", 20, "both are in normal operation")
        time.sleep(1)
        run(bed.client("c0", "02:c1:00:00:00:01"))
        bed.wait(lambda: bed.record.leases, 5, "the client has a lease")
        # Heartbeats of both say that nothing has changed, and an update that is not told again is not told again.
        time.sleep(2)
    finally:
        bed.down()
    return bool(bed.record.leases)
