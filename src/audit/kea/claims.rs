//! The claims about Kea's high availability that operators' files can be held against.

use dhcpfo_claims::{Entry, kea_ha};

use crate::claims::claims;

claims! {
    /// A claim about Kea's high availability that is judged here.
    kea_ha:
    NoDuplicate NO_DUPLICATE_ADDRESS
    Renewed LEASE_RENEWED
    Copied COPIED_BEFORE_ANSWERED
    OneServes ONE_SERVES
    LeasesAgree LEASES_AGREE
    ToldAgain TOLD_AGAIN
    HeardBefore HEARD_BEFORE_SERVING
    WorksTogether WORKS_TOGETHER
    ClocksAgree CLOCKS_AGREE
}

/// What each claim needs to be seen, for whoever has not given it.
pub(crate) const fn needs(claim: Claim) -> &'static str {
    match claim {
        Claim::NoDuplicate => "a capture of the clients' side (udp port 67 or 68)",
        Claim::Renewed => "a capture of the clients' side in which a client that was given a lease asks for it again",
        Claim::Copied => "one capture of the clients' side and one of the control channel, of the same time",
        Claim::OneServes => "a capture of the control channel, the logs of both servers, or status-get of both",
        Claim::LeasesAgree => "the lease files (CSV) of both servers",
        Claim::ToldAgain => "a capture of the control channel in which an update fails",
        Claim::HeardBefore => "the log of a server that has started",
        Claim::WorksTogether => "a log, status-get, or a capture of the control channel",
        Claim::ClocksAgree => "a capture of the control channel with heartbeats of both servers, or a log",
    }
}
