//! A run of model size as a path of the world: a model with the run's settings, and the run's events as its actions.
//!
//! The world settles a lease in one action and knows no packets that are late, so what comes out is not the run but what
//! is left of it there. Whether that still refutes the claim is for a replay to say.

use super::{Outcome, Run, pool, values};
use crate::walk::Script;
use dhcpfo_engine::balance::bucket;
use dhcpfo_engine::effect::Ask;
use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::span;
use dhcpfo_engine::state::Role;
use dhcpfo_files::simulation::{Setting, Settings, SimulationFile};
use dhcpfo_world::action::{Action, Deed, What};
use dhcpfo_world::clients::CLIENTS;
use dhcpfo_world::model::{ADDRESSES, WINDOW};

/// What the world does not have: a setting above 0 (or the number that it may have), and what that is.
const LACKS: [(Setting, f64, &str); 12] = [
    (Setting::Clients, CLIENTS as f64, "so many clients"),
    (Setting::Addresses, ADDRESSES as f64, "so many addresses"),
    (Setting::Links, 1.0, "relays"),
    (Setting::ChangesIdentifier, 0.0, "clients that change their identifier"),
    (Setting::KeepsExpired, 0.0, "clients that use an address beyond its end"),
    (Setting::ClockOffset, 0.0, "clocks that differ"),
    (Setting::ClockDrift, 0.0, "clocks that drift"),
    (Setting::ClockSteps, 0.0, "clocks that step"),
    (Setting::ClientDrift, 0.0, "clients' clocks that drift"),
    (Setting::ClientSteps, 0.0, "clients' clocks that step"),
    (Setting::OneWay, 0.0, "partitions in one direction"),
    (Setting::WrongRole, 0.0, "servers in the other's role"),
];

/// A run in the world's words, and why there is none. Writes are on stable storage at once there as well, if the disk
/// takes no time.
pub fn projected(
    file: &SimulationFile,
    settings: &Settings,
    until: u32,
    seed: u64,
) -> Result<(Outcome, Script), String> {
    for (setting, most, what) in LACKS {
        let number = settings.get(setting);
        if number > most {
            return Err(format!("the world has no {what} ({} = {number})", setting.name()));
        }
    }
    for setting in [Setting::DiskDelay, Setting::SlowDisk] {
        if settings.get(setting) > 0.0 {
            return Err(format!("the world has no disk that takes time ({})", setting.name()));
        }
    }
    let mut run = Run::new(file, settings, seed);
    run.told = Some(Vec::new());
    run.begin();
    run.go_on(u64::from(until) * 1000);
    let end = run.second();
    let steps = run.told.take().unwrap_or_default();
    let steps = steps.into_iter().map(|(at, what)| (at, Action::of(what))).collect();
    let Run { measures, violation, apart, aside, dry, beyond: broken, .. } = run;
    let outcome = Outcome {
        settings: settings.clone(),
        until,
        measures,
        violation,
        apart,
        aside,
        broken,
        dry,
        followed: Vec::new(),
        interrupted: false,
    };
    Ok((outcome, Script { small: false, steps, end }))
}

/// The model in which such a run takes place, as a file.
pub fn model_text(file: &SimulationFile, settings: &Settings, claim: &str) -> String {
    let get = |setting| settings.get(setting);
    // As an empty store has them.
    let owners = vec!["\"primary\""; get(Setting::Addresses) as usize];
    let buckets: Vec<String> =
        (0..get(Setting::Clients) as u32).map(|client| bucket(&client.to_be_bytes()).to_string()).collect();
    let slack = pool(settings).slack.map_or(0, |slack| slack.of(get(Setting::Addresses) as u32));
    let mut text = format!(
        "title = \"{claim}: a simulated pair of model size\"\nclass = \"study\"\nclaims = [\"{claim}\"]\nreaches = []\n\n\
         [system]\naddresses = [{}]\nbuckets = [{}]\nstart = \"stopped\"\ndelay = \"bounded\"\nsplit-steps = false\n\
         truthful = false\nmax-unacked = {}\nsplit = {}\nsecondary-share = {}\npool-slack = {slack}\n\
         pool-requests = true\ncover = true\nsafe-period = {}\n\n[budgets]\n",
        owners.join(", "),
        buckets.join(", "),
        get(Setting::MaxUnacked).min(WINDOW as f64),
        get(Setting::Split),
        get(Setting::SecondaryShare),
        get(Setting::SafePeriod) > 0.0,
    );
    for budget in
        ["crashes", "storage-losses", "link-breaks", "partner-downs", "leases", "releases", "declines", "reboots"]
    {
        text += &format!("{budget} = \"unlimited\"\n");
    }
    text += "\n[time]\nfree = []\norder = [\"mclt < lease < potential\"]\n\n[time.seconds]\n";
    let lengths = values(settings);
    for span in span::ALL.into_iter().filter(|span| *span != span::OTHER_MCLT) {
        text += &format!("{} = {}\n", span::name(span), lengths.get(span));
    }
    text += "\n[rules]\n";
    for ((question, reading), (_, usual)) in file.rules.words().zip(Rules::DRAFT_12.words()) {
        if reading != usual {
            text += &format!("{question} = \"{reading}\"\n");
        }
    }
    text + &format!("\n[expect]\nverdict = \"refuted\"\nclaim = \"{claim}\"\n")
}

impl Run<'_> {
    /// A server takes a packet of a client. A DHCPDISCOVER is a part of what follows.
    pub(super) fn tell_deed(&mut self, server: Role, client: u32, ask: Ask) {
        let deed = match ask {
            Ask::Select(address) => Deed::Obtain(address),
            Ask::Renew(_) => Deed::Renew,
            Ask::Rebind(_) => Deed::Rebind,
            Ask::Reboot(_) => Deed::Reboot,
            Ask::Release(_) => Deed::Release,
            Ask::Decline(_) => Deed::Decline,
            Ask::Discover | Ask::Inform => return,
        };
        self.tell_what(What::Client { client: client as u8, deed, server: Some(server), lost: false });
    }
}
