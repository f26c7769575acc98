//! Forgetting which of several alike addresses is which loses nothing: the states are those without forgetting, taken
//! together where only names differ.

use dhcpfo_check::world::WorldSpace;
use dhcpfo_clock::Order;
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Status};
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::Ask;
use dhcpfo_engine::endpoint::{Endpoint, Outstanding, Session};
use dhcpfo_engine::state::Role;
use dhcpfo_files::model::model;
use dhcpfo_search::plain::{Plain, explore};
use dhcpfo_search::{Edge, Flags, Space};
use dhcpfo_time::Time;
use dhcpfo_world::clients::{Body, Lease, Packet, Waiting};
use dhcpfo_world::model::Model;
use dhcpfo_world::places::Places;
use dhcpfo_world::system::{Server, System};
use std::collections::HashSet;
use std::sync::Mutex;

const HEADER: &str = "title = \"t\"\nclass = \"smoke\"\nclaims = \"all\"\n[system]\n";
const EXPECT: &str = "[expect]\nverdict = \"holds\"\n";

/// A space in which names are told apart, and the canonical bytes that its states have where they are not.
struct Compared<'a> {
    apart: WorldSpace<'a, Order>,
    together: WorldSpace<'a, Order>,
    classes: Mutex<HashSet<Vec<u8>>>,
}

impl Space for Compared<'_> {
    type State = <WorldSpace<'static, Order> as Space>::State;
    type Action = <WorldSpace<'static, Order> as Space>::Action;
    type Scratch = <WorldSpace<'static, Order> as Space>::Scratch;

    fn scratch(&self) -> Self::Scratch {
        self.apart.scratch()
    }

    fn initial(&self, scratch: &mut Self::Scratch, emit: &mut impl FnMut(&Self::State)) {
        self.apart.initial(scratch, emit);
    }

    fn successors(
        &self,
        scratch: &mut Self::Scratch,
        state: &Self::State,
        emit: &mut impl FnMut(Edge<Self::Action>, &Self::State),
    ) {
        self.apart.successors(scratch, state, emit);
    }

    fn encode(&self, scratch: &mut Self::Scratch, state: &Self::State, out: &mut Vec<u8>) {
        self.apart.encode(scratch, state, out);
    }

    fn decode(&self, scratch: &mut Self::Scratch, bytes: &[u8], state: &mut Self::State) {
        self.apart.decode(scratch, bytes, state);
    }

    fn flags(&self, scratch: &mut Self::Scratch, state: &Self::State) -> Flags {
        let mut bytes = Vec::new();
        self.together.encode(&mut self.together.scratch(), state, &mut bytes);
        self.classes.lock().unwrap().insert(bytes);
        self.apart.flags(scratch, state)
    }
}

fn space(model: &Model) -> WorldSpace<'_, Order> {
    WorldSpace::new(model, model.lengths.order())
}

/// Both, and how many states the former has when only names differ in them.
fn both(text: &str) -> (Plain, Plain, usize) {
    let read = |_: &str| Ok(text.to_owned());
    let model = model("symmetry.toml", &read).expect("the model is valid").model;
    let compared = Compared { apart: space(&model).told_apart(), together: space(&model), classes: Mutex::default() };
    let apart = explore(&compared);
    let classes = compared.classes.into_inner().unwrap().len();
    (apart, explore(&space(&model)), classes)
}

fn alike(addresses: &str, clients: usize, rest: &str) -> (u64, u64) {
    let (apart, together) = compared(addresses, clients, rest);
    (apart.unique, together.unique)
}

fn compared(addresses: &str, clients: usize, rest: &str) -> (Plain, Plain) {
    let symmetry = "symmetry = [\"clients\", \"addresses\"]";
    let text = format!("{HEADER}addresses = [{addresses}]\nclients = {clients}\n{symmetry}\n{rest}\n{EXPECT}");
    let (apart, together, classes) = both(&text);
    assert_eq!(together.unique, classes as u64, "{text}");
    assert_eq!(apart.flags, together.flags, "the same claims and witnesses at the same depths: {text}");
    assert_eq!(apart.levels.len(), together.levels.len());
    assert_eq!(apart.flags.get(&63), None, "nothing overflows");
    (apart, together)
}

#[test]
fn addresses_that_are_alike_count_once() {
    let two = alike("\"primary\", \"secondary\"", 2, "[budgets]\nleases = 1\n");
    let moving =
        alike("\"primary\", \"primary\"", 1, "pool-requests = true\npool-slack = 0\n[budgets]\nlink-breaks = 1\n");
    let three = alike("\"primary\", \"primary\", \"secondary\"", 1, "[budgets]\nleases = 1\ncrashes = 1\n");
    let one_reserved = "reserved = { a1 = 0 }\npool-requests = true\npool-slack = 0\n[budgets]\nlink-breaks = 1\n";
    let reserved = alike("\"primary\", \"primary\", \"primary\"", 1, one_reserved);
    let four = alike("\"primary\", \"primary\", \"primary\", \"primary\"", 1, "[budgets]\nleases = 1\n");
    for (apart, together) in [two, moving, three, reserved, four] {
        assert!(apart > together, "{apart} states, {together} with what is alike taken together");
    }
}

#[test]
fn a_violation_is_as_near_with_names_as_without() {
    let rest = "[budgets]\nleases = 2\nreleases = 1\n[rules]\nfree-on = \"sent\"\n";
    let (apart, together) = compared("\"primary\", \"primary\"", 2, rest);
    assert!(apart.unique > together.unique);
    assert!(apart.flags.keys().any(|flag| *flag < 32), "a claim is violated: {:?}", apart.flags);
}

/// Everything about an address is found under its new number, and comes back.
#[test]
fn all_that_names_an_address_takes_its_new_number() {
    let places = Places::of(&[1, 2, 0]).unwrap();
    let read = |_: &str| Ok(format!("{HEADER}addresses = [\"primary\", \"primary\", \"secondary\"]\n{EXPECT}"));
    let mut system = System::initial(&model("symmetry.toml", &read).expect("the model is valid").model);
    let (a1, at_a1) = (AddressId(1), places.place(AddressId(1)));
    assert_eq!((at_a1, places.address(at_a1)), (AddressId(0), a1));
    let active = Binding::known(Status::Active { client: ClientId(0) });
    let Server::Up(endpoint) = &system.servers[0] else { panic!("it runs") };
    let (mut table, mut volatile) = (*endpoint.durable().table(), *endpoint.volatile());
    table.bindings_mut()[1] = active;
    let Session::Ok(conversation) = &mut volatile.session else { panic!("it is connected") };
    conversation.window[0] = Some(Outstanding { address: a1, told: active.status.code(), counted: false });
    let durable = Durable::found(endpoint.durable().endpoint().copied(), table);
    system.servers[0] = Server::Up(Endpoint::resume(durable, volatile));
    system.clients[0].lease = Some(Lease { address: a1, ends: Time::from_raw(9), from: Role::Primary });
    system.clients[1].waiting = Waiting::Choice(Role::Primary, a1);
    system.network.push(Packet { client: 0, server: Role::Primary, body: Body::Ask(Ask::Renew(a1)) });
    system.ghosts.rest[1][1] = Time::from_raw(9);

    let before = system.clone();
    system.rename(|address| places.place(address));
    let Server::Up(endpoint) = &system.servers[0] else { panic!("it runs") };
    assert_eq!(endpoint.durable().table().bindings()[0], active);
    let Session::Ok(conversation) = &endpoint.volatile().session else { panic!("it is connected") };
    assert_eq!(conversation.window[0].map(|outstanding| outstanding.address), Some(at_a1));
    assert_eq!(system.clients[0].lease.map(|lease| lease.address), Some(at_a1));
    assert_eq!(system.clients[1].waiting, Waiting::Choice(Role::Primary, at_a1));
    assert_eq!(system.network[0].body, Body::Ask(Ask::Renew(at_a1)));
    assert_eq!(system.ghosts.rest[1], [9, 0, 0, 0].map(Time::from_raw));
    system.rename(|place| places.address(place));
    assert_eq!(system, before);
}
