//! Everything that can be wrong with a file is told with file, line, key and what would be accepted.

use dhcpfo_engine::span;
use dhcpfo_files::{FileError, FileErrors, model::model, scenario::scenario};
use std::io;

const GOOD: &str = "title = \"t\"\nclass = \"smoke\"\nclaims = [\"no-duplicate-address\"]\n";

/// Files by path.
type Shelf<'a> = &'a [(&'a str, &'a str)];

fn on(shelf: Shelf<'_>) -> impl Fn(&str) -> io::Result<String> + '_ {
    move |path| match shelf.iter().find(|(name, _)| *name == path) {
        Some((_, text)) => Ok((*text).to_owned()),
        None => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
    }
}

/// The errors of a model file with these lines after a good beginning of three.
fn errors(rest: &str) -> Vec<FileError> {
    let text = format!("{GOOD}{rest}");
    let shelf = [("m.toml", text.as_str())];
    model("m.toml", &on(&shelf)).map(|_| ()).unwrap_err().0
}

/// Asserts that the file has this one error.
#[track_caller]
fn one(rest: &str, line: u32, key: &str, problem: &str, accepted: &str) {
    let errors = errors(rest);
    assert_eq!(errors.len(), 1, "{rest}: {}", FileErrors(errors.clone()));
    let error = &errors[0];
    assert_eq!((error.path.as_str(), error.line, error.key.as_str()), ("m.toml", line, key), "{error}");
    assert!(error.problem.contains(problem), "{error}");
    assert!(error.accepted.contains(accepted), "{error}");
}

#[test]
fn unknown_keys() {
    one("[system]\nclient = 2\n", 5, "system.client", "did you mean `clients`?", "addresses, clients,");
    one("[sistem]\nclients = 2\n", 4, "sistem", "did you mean `system`?", "title, class");
    one("crashes = 1\n", 4, "crashes", "it belongs into [budgets]", "title, class");
    one("[budgets]\ncrash = 1\n", 5, "budgets.crash", "did you mean `crashes`?", "crashes, storage-losses");
    one("[rules]\nlead-bas = \"acked\"\n", 5, "rules.lead-bas", "did you mean `lead-base`?", "lead-base, ");
    one("[rules.primary]\nmut = \"never\"\n", 5, "rules.primary.mut", "did you mean `mute`?", "lead-base, ");
    one("[time.small]\nmlct = 1\n", 5, "time.small.mlct", "did you mean `mclt`?", "mclt, other-mclt");
    one("[limits]\nmemory = 1\n", 5, "limits.memory", "memory-mib", "depth, states");
    one("[expect]\nverdikt = \"holds\"\n", 5, "expect.verdikt", "did you mean `verdict`?", "verdict, states");
}

#[test]
fn wrong_kinds() {
    one("[system]\nclients = \"two\"\n", 5, "system.clients", "the string \"two\" will not do", "from 1 to 4");
    one("[system]\naddresses = 300\n", 5, "system.addresses", "the number 300 will not do", "a list of 1 to 4 owners");
    one("[system]\nsplit = 1.5\n", 5, "system.split", "the number 1.5 will not do", "from 0 to 256");
    one("[system]\ntruthful = \"yes\"\n", 5, "system.truthful", "the string \"yes\"", "true or false");
    one("system = 3\n", 4, "system", "the number 3 where a section should stand", "[system]");
    one("about = 3\n", 4, "about", "the number 3", "text");
    one("base = 3\n", 4, "base", "the number 3", "a model file");
    one("reaches = \"lease-given\"\n", 4, "reaches", "the string \"lease-given\"", "a list of witnesses");
    one("[budgets]\ncrashes = \"many\"\n", 5, "budgets.crashes", "`many` is no amount", "\"unlimited\"");
}

#[test]
fn impossible_sizes() {
    one("[system]\nclients = 0\n", 5, "system.clients", "0 is too few", "from 1 to 4");
    one("[system]\nclients = 300\n", 5, "system.clients", "300 is too many", "from 1 to 4");
    one("[system]\naddresses = []\n", 5, "system.addresses", "is empty", "1 to 4");
    let many = "[system]\naddresses = [\"primary\",\"primary\",\"primary\",\"primary\",\"primary\"]\n";
    one(many, 5, "system.addresses", "5 are too many", "1 to 4");
    one("[system]\nbuckets = [256]\n", 5, "system.buckets", "256 is too many", "0 to 255");
    one("[system]\nclients = 1\nbuckets = [3]\n", 5, "system.clients", "beside `buckets`", "one of the two");
    one("[system]\nmax-unacked = 5\n", 5, "system.max-unacked", "5 is too many", "1 to 4");
    one("[system]\nsecondary-share = 101\n", 5, "system.secondary-share", "101 is too many", "0 to 100");
    one("[budgets]\nleases = 255\n", 5, "budgets.leases", "255 is too many", "0 to 254");
    one("[limits]\nstates = 0\n", 5, "limits.states", "0 is too few", "from 1");
    one("[system]\nreserved = { a1 = 0 }\n", 5, "system.reserved.a1", "there is no address a1", "a0 to a0");
    one("[system]\nreserved = { a0 = 2 }\n", 5, "system.reserved.a0", "there is no client 2", "0 to 1");
    one("[system]\nreserved = { a0 = \"x\" }\n", 5, "system.reserved.a0", "no client's number", "{ a0 = 0 }");
}

#[test]
fn words_that_do_not_exist() {
    one(
        "clock = \"tick\"\n",
        4,
        "clock",
        "did you mean `ticks`?",
        "timeout-order, ticks, exact, lazy, lazy-exact, untimed",
    );
    one("dialect = \"draft-11\"\n", 4, "dialect", "did you mean `draft-12`?", "draft-12, isc-dhcpd-4.4");
    one("dialect = { primary = \"isc\" }\n", 4, "dialect.primary", "isc", "draft-12, isc-dhcpd-4.4");
    one("[rules]\nlead-base = \"ackd\"\n", 5, "rules.lead-base", "did you mean `acked`?", "acked-or-received, acked,");
    one("[system]\nstart = \"norml\"\n", 5, "system.start", "did you mean `normal`?", "normal, stopped, blank");
    one("[system]\nsymmetry = [\"servers\"]\n", 5, "system.symmetry", "servers", "clients, addresses");
    one("reaches = [\"lease-givn\"]\n", 4, "reaches", "did you mean `lease-given`?", "lease-given, ");
    let fair = "[fair]\nweak = [\"delivery\"]\n";
    one(fair, 5, "fair.weak", "did you mean `deliveries`?", "time, wakes, startups, ");
    one("[fair]\nweak = [\"time\"]\n", 4, "fair", "no claim says what leads to what", "nothing here");
    let twice = "reaches = [\"lease-given\",\n  \"lease-given\"]\n";
    one(twice, 5, "reaches", "stands there twice", "each once");
}

#[test]
fn claims() {
    let text = |claims: &str| format!("title = \"t\"\nclass = \"smoke\"\nclaims = {claims}\n");
    let problem = |claims: &str| {
        let text = text(claims);
        let errors = model("m.toml", &on(&[("m.toml", &text)])).map(|_| ()).unwrap_err().0;
        assert_eq!((errors.len(), errors[0].line, errors[0].key.as_str()), (1, 3, "claims"));
        errors[0].to_string()
    };
    assert!(problem("[\"no-duplicate-adress\"]").contains("did you mean `no-duplicate-address`?"));
    assert!(problem("[]").contains("claims nothing"));
    assert!(problem("\"some\"").contains("at most 32"));
    let many = vec!["\"no-duplicate-address\""; 33].join(",");
    assert!(problem(&format!("[{many}]")).contains("33 are too many"));
    let all = text("\"all\"");
    assert!(model("m.toml", &on(&[("m.toml", &all)])).is_ok());
}

#[test]
fn lengths_of_time() {
    one("[time.small]\nmclt = 0\n", 5, "time.small.mclt", "0 is too few", "1 to 20");
    one("[time.seconds]\nmclt = 0\n", 5, "time.seconds.mclt", "0 is too few", "seconds");
    one("[time.seconds]\nmclt = \"0s\"\n", 5, "time.seconds.mclt", "too few", "4d12h");
    one("[time.seconds]\nmclt = \"soon\"\n", 5, "time.seconds.mclt", "`soon` is no length of time", "4d12h");
    one("[time.seconds]\nlease = \"900d\"\n", 5, "time.seconds.lease", "too long", "4d12h");
    one("[time.seconds]\nmclt = \"3d\"\n", 5, "time.seconds.mclt", "contradict `mclt < lease`", "in that order");
    one("[time.small]\nlease = 4\n", 5, "time.small.lease", "contradict `lease < potential`", "in that order");
    one("[time]\norder = [\"mclt\"]\n", 5, "time.order", "compares nothing", "chains");
    one("[time]\norder = [\"mclt < leas\"]\n", 5, "time.order", "did you mean `lease`?", "mclt, other-mclt");
    one("[time]\norder = [\"mclt < startup\"]\n", 5, "time.order", "no length to compare", "chains");
    let cycle = errors("[time]\norder = [\"mclt < lease < mclt\"]\n");
    assert!(cycle.iter().any(|error| error.key == "time.order" && error.problem.contains("shorter than itself")));
}

#[test]
fn symmetry_of_addresses() {
    let two = "addresses = [\"primary\", \"primary\"]\n";
    let with = |rest: &str| format!("[system]\n{two}symmetry = [\"addresses\"]\n{rest}");
    one(&with("max-unacked = 1\n"), 6, "system.symmetry", "max-unacked = 1", "at least 2");
    one(&with("reserved = { a0 = 0 }\n"), 6, "system.symmetry", "1 unreserved", "at least two");
    one("[system]\nsymmetry = [\"addresses\"]\n", 5, "system.symmetry", "1 unreserved", "at least two");
}

#[test]
fn expectations() {
    one("[expect]\nverdict = \"hold\"\n", 5, "expect.verdict", "did you mean `holds`?", "holds, refuted, cut-off");
    one("[expect]\nlength = 3\n", 5, "expect.length", "no place beside this verdict", "");
    one("[expect]\nverdict = \"cut-off\"\n", 4, "expect.bound", "is missing", "depth, states");
    let depth = "[expect]\nverdict = \"cut-off\"\nbound = \"depth\"\n";
    one(depth, 6, "expect.bound", "no such bound in [limits]", "depth");
    let claim = "[expect]\nverdict = \"refuted\"\nclaim = \"mclt-bound\"\n";
    one(claim, 6, "expect.claim", "there is no claim of this model `mclt-bound`", "no-duplicate-address");
}

#[test]
fn what_must_be_given() {
    let errors = model("m.toml", &on(&[("m.toml", "about = \"x\"\n")])).map(|_| ()).unwrap_err().0;
    let missing: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(missing, ["claims", "class", "title"]);
    assert!(errors.iter().all(|error| error.problem == "is missing" && !error.accepted.is_empty()));
    let broken = "title = \"t\"\nclass = \"broken\"\nclaims = \"all\"\n";
    let errors = model("m.toml", &on(&[("m.toml", broken)])).map(|_| ()).unwrap_err().0;
    assert!(errors[0].problem.contains("broken models must be refuted"), "{}", errors[0]);
}

#[test]
fn all_errors_are_told_in_the_order_of_the_file() {
    let errors = errors("clok = \"ticks\"\n[system]\nclients = 0\nsplit = 999\n[budgets]\ncrashes = -1\n");
    assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [4, 6, 7, 9]);
    let text = FileErrors(errors).to_string();
    assert!(
        text.starts_with("m.toml:4: clok: there is no such key; did you mean `clock`? (accepted: protocol, title,"),
        "{text}"
    );
}

#[test]
fn wrong_claims_do_not_hide_a_wrong_expectation() {
    let text = "title = \"t\"\nclass = \"smoke\"\nclaims = [\"x\"]\n[expect]\nverdict = \"y\"\n";
    let errors = model("m.toml", &on(&[("m.toml", text)])).map(|_| ()).unwrap_err().0;
    assert_eq!(errors.iter().map(|error| error.key.as_str()).collect::<Vec<_>>(), ["claims", "expect.verdict"]);
}

/// All sets of spans: one that may not be free is refused by name, with what its deadlines are compared with.
#[test]
fn only_what_no_rule_compares_may_be_free() {
    use dhcpfo_time::Span;
    let may = |span: Span| matches!(span, span::STARTUP | span::SAFE_PERIOD);
    for set in 0..1_u32 << span::ALL.len() {
        let spans: Vec<Span> = span::ALL.into_iter().filter(|span| set >> span.0 & 1 == 1).collect();
        let names: Vec<String> = spans.iter().map(|&span| format!("\"{}\"", span::name(span))).collect();
        let text = format!("{GOOD}[time]\norder = []\nfree = [{}]\n", names.join(", "));
        let told = match model("m.toml", &on(&[("m.toml", &text)])) {
            Ok(file) => {
                let free: Vec<Span> = span::ALL.into_iter().filter(|&span| file.model.lengths.free.has(span)).collect();
                assert_eq!(free, spans);
                Vec::new()
            }
            Err(errors) => errors.0,
        };
        let refused: Vec<Span> = spans.into_iter().filter(|&span| !may(span)).collect();
        assert_eq!(told.len(), refused.len(), "{names:?}: {told:?}");
        for span in refused {
            let words = span::WORDS[span.0 as usize];
            let begins = format!("deadlines of {} ", words.name);
            let error = told.iter().find(|error| error.problem.starts_with(&begins));
            let error = error.unwrap_or_else(|| panic!("{}: {told:?}", words.name));
            assert_eq!((error.line, error.key.as_str()), (6, "time.free"), "{error}");
            assert!(error.problem.ends_with(words.compared.unwrap()), "{error}");
        }
    }
}

#[test]
fn budgets_that_can_never_be_used() {
    let idle = |text: &str, line, key, problem| one(&format!("[budgets]\n{text}\n"), line, key, problem, "0");
    idle("leases = 1\nstorage-losses = 1", 6, "budgets.storage-losses", "never be used: a crash takes");
    idle("leases = 1\npartner-downs = 1", 6, "budgets.partner-downs", "nothing stops a server");
    idle("link-breaks = 1\npartner-downs = \"unlimited\"", 6, "budgets.partner-downs", "nothing stops a server");
    idle("leases = 1\nresets = 1", 6, "budgets.resets", "no client declines");
    idle("declines = 1", 5, "budgets.declines", "`leases` is 0");
    idle("releases = 1", 5, "budgets.releases", "`leases` is 0");
    idle("informs = 1", 5, "budgets.informs", "`leases` is 0");
    idle("losses = 1", 5, "budgets.losses", "`leases` is 0");
    idle("leases = 1\nreboots = 1", 6, "budgets.reboots", "`leases` has to be 2");
    idle("leases = 1\nduplicates = 1", 6, "budgets.duplicates", "there are no packets");
    idle("leases = 1\nstrays = 1", 6, "budgets.strays", "gives an address back");
    idle("link-breaks = 1\ndated-partner-downs = 1", 6, "budgets.dated-partner-downs", "ever stops serving");
    idle("link-breaks = 1\nmisdated-partner-downs = 1", 6, "budgets.misdated-partner-downs", "ever stops serving");
    idle("leases = 1\nbackups = 1", 6, "budgets.backups", "ever off");
    idle("leases = 1\nrole-swaps = 1", 6, "budgets.role-swaps", "ever off");
    idle("leases = 1\nhalf-open-connections = 1", 6, "budgets.half-open-connections", "never breaks");
    idle("second-leases = 1", 5, "budgets.second-leases", "`leases` is 0");
    let packets = "[system]\nexchange = \"packets\"\n[budgets]\nleases = 1\n";
    one(&format!("{packets}losses = 1\n"), 8, "budgets.losses", "lost without a budget", "0");
    one("[system]\nlate-packets = true\n", 5, "system.late-packets", "there are no packets", "none of it");
    one("[system]\nanchor = \"receipt\"\n", 5, "system.anchor", "received when it is given", "none of it");
    // With what they need each of them may be there.
    for good in [
        "leases = 2\ncrashes = 1\nstorage-losses = 1\npartner-downs = 1\ndeclines = 1\nresets = 1\nreleases = 1\nreboots = 1\n\
         losses = 1\nstrays = 1\ninforms = 1",
        "pauses = 1\npartner-downs = 1",
        "shutdowns = 1\npartner-downs = 1",
    ] {
        let text = format!("{GOOD}[budgets]\n{good}\n");
        assert!(model("m.toml", &on(&[("m.toml", &text)])).is_ok(), "{good}");
    }
    let text = format!("{GOOD}[system]\ntruthful = false\n[budgets]\npartner-downs = 1\nresets = 1\n");
    assert!(model("m.toml", &on(&[("m.toml", &text)])).is_ok());
    let text = format!("{GOOD}{packets}duplicates = 1\n");
    assert!(model("m.toml", &on(&[("m.toml", &text)])).is_ok());
}

#[test]
fn text_that_is_not_toml() {
    one("x = = 3\n", 4, "", "not TOML", "");
    let double = errors("[system]\nclients = 1\nclients = 2\n");
    assert!(double[0].line == 6 && double[0].problem.contains("duplicate key"), "{}", double[0]);
}

#[test]
fn bases() {
    let base =
        "title = \"b\"\nclass = \"full\"\nclaims = \"all\"\n[budgets]\ncrashes = 1\nleases = 3\n[expect]\nstates = 7\n";
    let text = |base: &str| format!("base = \"{base}\"\ntitle = \"t\"\nclass = \"smoke\"\n[budgets]\ncrashes = 2\n");
    let (good, gone, own) = (text("../b.toml"), text("gone.toml"), text("../a/m.toml"));
    let shelf = [("b.toml", base), ("a/m.toml", good.as_str())];
    let file = model("a/m.toml", &on(&shelf)).unwrap();
    assert_eq!(file.bases, ["b.toml"]);
    use dhcpfo_world::budget::Item;
    assert_eq!((file.model.budgets.left(Item::Crashes), file.model.budgets.left(Item::Leases)), (2, 3));
    assert_eq!((file.title.as_str(), file.class.word()), ("t", "smoke"));
    assert_eq!(file.expect, dhcpfo_files::model::Expect::Holds { states: None });

    let of = |shelf: Shelf<'_>| model("a/m.toml", &on(shelf)).map(|_| ()).unwrap_err().to_string();
    assert!(of(&[("a/m.toml", &gone)]).starts_with("a/m.toml:1: base: a/gone.toml cannot be read: no such file"));
    assert!(of(&[("a/m.toml", &own)]).contains("a/m.toml:1: base: a/m.toml is based on itself"));
    // What is wrong in a base is told under its own name.
    let wrong = base.replace("leases = 3", "leases = 999");
    assert!(of(&[("b.toml", &wrong), ("a/m.toml", &good)]).starts_with("b.toml:6: budgets.leases: 999 is too many"));
}

#[test]
fn chains_of_bases_end() {
    let read = |path: &str| {
        let number: u32 = path.trim_end_matches(".toml").parse().unwrap();
        Ok(format!("base = \"{}.toml\"\n", number + 1))
    };
    let errors = model("1.toml", &read).map(|_| ()).unwrap_err();
    assert!(errors.to_string().contains("8.toml:1: base: more than 8 files in a chain of bases"), "{errors}");
}

#[test]
fn files_that_cannot_be_read() {
    let errors = model("m.toml", &on(&[])).map(|_| ()).unwrap_err().to_string();
    assert_eq!(errors, "m.toml: cannot be read: no such file");
}

fn scenario_errors(rest: &str) -> Vec<String> {
    let text = format!("title = \"s\"\nmodel = \"m.toml\"\n{rest}");
    let shelf = [("m.toml", GOOD), ("s.toml", text.as_str())];
    scenario("s.toml", &on(&shelf)).map(|_| ()).unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn scenarios() {
    let script = |lines: &str| scenario_errors(&format!("script = \"\"\"\n{lines}\n\"\"\"\n"));
    let start = |errors: Vec<String>, start: &str| {
        assert!(errors.len() == 1 && errors[0].starts_with(start), "{errors:?}");
    };
    start(
        script("# story\nclient 0 obtin a0 primary"),
        "s.toml:5: script: `obtin` in `client 0 obtin a0 primary`, column 10 (accepted: obtain,",
    );
    start(script("link"), "s.toml:4: script: `link` ends too early (accepted: up or down)");
    start(
        script("link down\n\nwait long"),
        "s.toml:6: script: `long` in `wait long`, column 6 (accepted: a length of time",
    );
    start(
        script("client 0 renew primary, crash after 2 losing storage # told"),
        "s.toml:4: script: `losing` in `client 0 renew primary, crash after 2 losing storage`, column 39 \
         (accepted: the end of the line)",
    );
    start(script("client 0 obtain a7 primary"), "s.toml:4: script: the model has no address a7 (accepted: a0 to a0)");
    start(script("expect client 5 none"), "s.toml:4: script: the model has no client 5 (accepted: 0 to 1)");
    start(
        script("expect refuted no-duplicate"),
        "s.toml:4: script: there is no claim `no-duplicate` in the model; did you",
    );
    start(scenario_errors(""), "s.toml:1: script: is missing (accepted: lines of a script)");
    let with = |rest: &str| scenario_errors(&format!("script = \"link down\"\n{rest}"));
    start(
        with("[expect]\nrefutes = \"no-dup\"\n"),
        "s.toml:5: expect.refutes: there is no claim of the model `no-dup`",
    );
    start(with("cite = []\n"), "s.toml:4: cite: there is no such key; did you mean `cites`?");
    start(with("cites = [\"failover\"]\n"), "s.toml:4: cites: `failover` names no section");
    start(with("lengths = \"long\"\n"), "s.toml:4: lengths: there is no word `long`");
}

#[test]
fn scenarios_without_their_model() {
    let text = "title = \"s\"\nmodel = \"x.toml\"\nscript = \"link down\"\n";
    let errors = scenario("s.toml", &on(&[("s.toml", text)])).map(|_| ()).unwrap_err().to_string();
    assert!(errors.starts_with("s.toml:2: model: x.toml cannot be read: no such file"), "{errors}");
    let shelf = [("s.toml", text), ("x.toml", "title = 1\n")];
    let errors = scenario("s.toml", &on(&shelf)).map(|_| ()).unwrap_err().to_string();
    assert!(errors.contains("x.toml:1: title: the number 1 will not do (accepted: a line of text)"), "{errors}");
}

#[test]
fn changes_of_configuration() {
    let problem = "without a budget `changes`";
    one("[changed]\nsplit = 3\n", 4, "changed", problem, "[changed] and a budget");
    one("[budgets]\ncrashes = 1\nchanges = 1\n", 1, "changed", "has nothing to change", "[changed] and a budget");
    let with = |rest: &str| format!("[budgets]\ncrashes = 1\nchanges = 1\n[changed]\n{rest}");
    one(&with("mclt = \"other-mclt\"\n"), 8, "changed.mclt", "which MCLT is the shorter one", "time.order");
    one(&with("lease = \"startup\"\n"), 8, "changed.lease", "there is no word `startup`", "mclt, other-mclt, lease");
    one(&with("reserved = { a1 = 0 }\n"), 8, "changed.reserved.a1", "there is no address a1", "a0 to a0");
    one(&with("splitt = 1\n"), 8, "changed.splitt", "did you mean `split`?", "mclt, smaller-mclt");
    let dated = "clock = \"exact\"\n[budgets]\ncrashes = 1\ndated-partner-downs = 1\n";
    one(dated, 4, "clock", "keeps no instant for ever", "timeout-order or ticks");
}
